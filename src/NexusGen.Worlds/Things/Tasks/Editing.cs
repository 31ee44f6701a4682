using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// Changes of images, with the one right result: ImgEdit's kinds (arXiv 2505.20275) and more, two changes in one request, the
/// change of an image that was just generated, the return to an earlier one, and what can't be done. What isn't named stays as
/// it is. A pure function of the dice.
/// </summary>
internal static class Editing
{
    /// <summary>The kinds of changes, and of refusals.</summary>
    public static ImmutableArray<string> Categories { get; } =
    [
        "add", "beside", "more", "remove", "replace", "recolour", "natural", "resize", "move", "movebeside", "background", "swap",
        "two", "turn", "return", .. Refusals.Kinds,
    ];

    /// <summary>What is practised for them and changes nothing: <c>copy</c>, to draw an image again.</summary>
    public static ImmutableArray<string> Exercises { get; } = ["copy"];

    /// <summary>Gets the kinds that change one image once.</summary>
    public static ImmutableArray<string> Simple { get; } = [.. Categories.TakeWhile(name => name != "turn")];

    /// <summary>Creates a sample.</summary>
    public static ThingSample Make(Dice dice, TextLanguage language, string category, ThingScope scope)
    {
        while (true)
        {
            var dialogue = new Dialogue(dice, language, scope);
            if (Fill(dialogue, category))
            {
                return dialogue.ToSample(ThingTask.Edit, category);
            }
        }
    }

    // False where the scene that was drawn allows no such change.
    private static bool Fill(Dialogue dialogue, string category)
    {
        Dice dice = dialogue.Dice;
        ThingScope scope = dialogue.Scope;
        switch (category)
        {
            case "nopicture":
                return Refuse(dialogue, category, null);
            case "copy":
                ThingScene shown = scope.DrawSource(dice);
                dialogue.Ask(Wording.Realize("edit.again", Slots.None, dialogue.Language, dice), shown);
                dialogue.Edit(shown);
                return true;
            case "turn":
                Start(dialogue, drawn: true);
                return Change(dialogue, dice.Pick(Simple.AsSpan()), null, scope);
            case "return":
                var story = new Story(dialogue);
                story.Begin(Start(dialogue, dice.Chance(0.7)));
                return story.Return(dice, scope.Source);
            default:
                return Simple.Contains(category)
                    ? Change(dialogue, category, scope.DrawSource(dice), scope)
                    : Refuse(dialogue, category, scope.DrawSource(dice));
        }
    }

    /// <summary>Appends a change of the conversation's image or of a new one that the user attaches.</summary>
    /// <returns>Whether the image allows such a change.</returns>
    public static bool Change(Dialogue dialogue, string category, ThingScene? attached, ThingScope scope)
    {
        if (EditRequests.Make(dialogue.About(attached), category, scope) is not var (text, change))
        {
            return false;
        }

        dialogue.Ask(text, attached is null ? [] : [attached]);
        dialogue.Edit(change.Result);
        dialogue.Focus = change.Focus;
        return true;
    }

    /// <summary>Appends a request that can't be fulfilled and its reply.</summary>
    /// <returns>Whether the image allows such a request.</returns>
    public static bool Refuse(Dialogue dialogue, string kind, ThingScene? attached)
    {
        if (Refusals.Make(dialogue.About(attached), kind) is not var (text, reply))
        {
            return false;
        }

        dialogue.Ask(text, attached is null ? [] : [attached]);
        dialogue.Say(reply);
        return true;
    }

    /// <summary>Begins a conversation with an image that is drawn, or attached with a question or thanks.</summary>
    /// <returns>The image.</returns>
    public static ThingScene Start(Dialogue dialogue, bool drawn)
    {
        if (drawn)
        {
            ThingScope source = dialogue.Scope.Source;
            string category = dialogue.Dice.Pick(Drawings.Categories.AsSpan());
            Drawings.Request(dialogue, category, source, out ThingScene scene, out string text);
            dialogue.Ask(text);
            dialogue.Draw(scene);
            return scene;
        }

        ThingScene attached = dialogue.Scope.DrawSource(dialogue.Dice);
        Understanding.Question(dialogue, attached);
        return attached;
    }
}
