using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>The images that a conversation had, and the ways back to them.</summary>
internal sealed class Story(Dialogue dialogue)
{
    // All images, and the ones that an undo goes back to.
    private readonly List<ThingScene> _all = [];
    private readonly List<ThingScene> _line = [];

    // Whether the last image was an edit of the one before it.
    private bool _edited;

    // Whether all images are edits of the first.
    private bool _unbroken = true;

    /// <summary>Gets whether there is an image.</summary>
    public bool HasPicture => _all.Count > 0;

    /// <summary>Records an image that was drawn anew or attached.</summary>
    public void Begin(ThingScene scene)
    {
        _unbroken = _all.Count == 0;
        Record(scene);
        _edited = false;
    }

    /// <summary>Records the conversation's image after an edit.</summary>
    public void Edit()
    {
        Record(dialogue.Current!);
        _edited = true;
    }

    /// <summary>Appends some edits or new images and then a way back to an earlier one.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Return(Dice dice, ThingScope scope)
    {
        int edits = dice.Between(1, 2);
        for (int i = 0; i < edits; i++)
        {
            if (dice.Chance(0.2))
            {
                Begin(Editing.Start(dialogue, drawn: true));
            }
            else if (Editing.Change(dialogue, dice.Pick(Editing.Simple.AsSpan()), null, scope))
            {
                Edit();
            }
        }

        return Back();
    }

    /// <summary>Appends a way back to an earlier image.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Back()
    {
        Dice dice = dialogue.Dice;
        ThingScene current = dialogue.Current!;
        switch (dice.Below(5))
        {
            case 0 or 1 when _edited && _line.Count > 1:
                _line.RemoveAt(_line.Count - 1);
                Show("edit.undo", Slots.None, _line[^1]);
                return true;
            case 2 when _unbroken && _all.Count > 2 && !current.Equals(_all[0]):
                _line.RemoveRange(1, _line.Count - 1);
                Show("edit.first", Slots.None, _all[0]);
                return true;
            case 3:
                return BackTo(current, dice);
            case 4:
                Show("edit.again", Slots.None, current);
                return true;
            default:
                return false;
        }
    }

    // The latest earlier image that shows a thing that the current one lacks.
    private bool BackTo(ThingScene current, Dice dice)
    {
        string item = dice.Pick(dice.Pick(_all.ToArray()).Objects.AsSpan()).Thing.Name;
        var mention = new Mention { Item = item };
        if (Mentions.Meant(mention, current).Any())
        {
            return false;
        }

        ThingScene target = _all.Last(scene => Mentions.Meant(mention, scene).Any());
        if (!Mentions.IsClear(mention, target))
        {
            return false;
        }

        Show("edit.backto", Slots.Of(mention), target);
        _line.Add(target);
        return true;
    }

    private void Show(string intent, Slots slots, ThingScene scene)
    {
        dialogue.Ask(Wording.Realize(intent, slots, dialogue.Language, dialogue.Dice));
        dialogue.Edit(scene);
        _all.Add(scene);
        _edited = false;
    }

    private void Record(ThingScene scene)
    {
        _all.Add(scene);
        _line.Add(scene);
    }
}
