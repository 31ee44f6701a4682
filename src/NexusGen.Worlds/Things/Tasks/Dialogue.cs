using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// A conversation while it is made. It attaches the last image to each turn of the user that brings none, and types the user's
/// texts as people do.
/// </summary>
/// <param name="dice">The source of chance.</param>
/// <param name="language">The language.</param>
/// <param name="scope">What may be shown and said.</param>
internal sealed class Dialogue(Dice dice, TextLanguage language, ThingScope scope)
{
    private readonly List<ThingTurn> _turns = [];
    private readonly List<ThingScene> _pictures = [];

    /// <summary>Gets the source of chance.</summary>
    public Dice Dice => dice;

    /// <summary>Gets the language.</summary>
    public TextLanguage Language => language;

    /// <summary>Gets what may be shown and said.</summary>
    public ThingScope Scope => scope;

    /// <summary>Gets the scene of the last image, or null if there is none.</summary>
    public ThingScene? Current { get; private set; }

    /// <summary>Gets or sets the cell of the thing that was just spoken of, or null for none.</summary>
    public Cell? Focus { get; set; }

    /// <summary>
    /// Gets whether it begins as the official script of understanding asks: no space between the images and the text. In a chat
    /// there is one, as in the official edits.
    /// </summary>
    public bool BeginsAsQuestion { get; init; }

    /// <summary>Gets the number of turns.</summary>
    public int Length => _turns.Count;

    /// <summary>Returns a conversation with the same source of chance whose last image is the given one, or this conversation if
    /// it is null: what the next request is about.</summary>
    public Dialogue About(ThingScene? attached) =>
        attached is null ? this : new Dialogue(dice, language, scope) { Current = attached };

    /// <summary>Appends a turn of the user.</summary>
    /// <param name="text">The clean text.</param>
    /// <param name="attached">The images that the user attaches; none for the last one of the conversation, if any.</param>
    public void Ask(string text, params ReadOnlySpan<ThingScene> attached)
    {
        ThingScene[] shown = attached.Length > 0 || Current is null ? [.. attached] : [Current];
        _pictures.AddRange(shown);
        Current = shown.Length == 0 ? Current : shown[^1];
        string marks = string.Concat(shown.Select(_ => ThingSample.ImageMark));
        string space = shown.Length == 0 || (BeginsAsQuestion && _turns.Count == 0) ? "" : " ";
        _turns.Add(new(false, marks + space + Type(text)));
    }

    /// <summary>Appends a reply of words.</summary>
    public void Say(string text) => _turns.Add(new(true, text));

    /// <summary>Appends a reply that is a new image.</summary>
    public void Draw(ThingScene scene) => Show(ThingSample.DrawnReply(language), scene);

    /// <summary>Appends a reply that is a changed image.</summary>
    public void Edit(ThingScene scene) => Show(ThingSample.EditedReply(language), scene);

    /// <summary>Returns the sample.</summary>
    public ThingSample ToSample(ThingTask task, string category) => new(task, category, language, [.. _turns], [.. _pictures]);

    // Typed carelessly a text might become a prompt of GenEval that it was not.
    private string Type(string text)
    {
        string typed = Noise.Apply(text, language, dice, scope.Noise);
        return ThingScope.MaySay(typed) ? typed : text;
    }

    private void Show(string lead, ThingScene scene)
    {
        _turns.Add(new(true, lead));
        _pictures.Add(scene);
        Current = scene;
        Focus = null;
    }
}
