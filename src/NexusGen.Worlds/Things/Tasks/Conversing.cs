using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// Conversations of 2 to 12 turns: images are drawn, edited, asked about and gone back to, with thanks, small talk and requests
/// that can't be fulfilled between. A pure function of the dice.
/// </summary>
internal static class Conversing
{
    /// <summary>
    /// How they come by images: the model draws the first one, the user attaches it, the user attaches another one later, or two
    /// at once.
    /// </summary>
    public static ImmutableArray<string> Categories { get; } = ["drawn", "attached", "another", "pair"];

    /// <summary>Gets the categories as often as they occur: two images at once are rare.</summary>
    public static ImmutableArray<string> Usual { get; } =
        ["drawn", "drawn", "drawn", "drawn", "drawn", "attached", "attached", "attached", "another", "another", "pair"];

    /// <summary>Creates a sample.</summary>
    public static ThingSample Make(Dice dice, TextLanguage language, string category, ThingScope scope)
    {
        var dialogue = new Dialogue(dice, language, scope);
        var story = new Story(dialogue);
        int exchanges = Math.Min(dice.Between(1, ThingMix.MostExchanges), dice.Between(2, ThingMix.MostExchanges));
        exchanges = category == "another" ? Math.Max(3, exchanges) : exchanges;
        Open(dialogue, story, category, exchanges);
        int attachesAt = category == "another" ? dice.Between(dialogue.Length / 2, exchanges - 1) : -1;
        while (dialogue.Length < 2 * exchanges)
        {
            if (dialogue.Length / 2 == attachesAt)
            {
                Attach(dialogue, story);
            }
            else
            {
                Continue(dialogue, story, isLast: dialogue.Length == 2 * exchanges - 2);
            }
        }

        return dialogue.ToSample(ThingTask.Converse, category);
    }

    private static void Open(Dialogue dialogue, Story story, string category, int exchanges)
    {
        Dice dice = dialogue.Dice;
        if (exchanges > 2 && category is "drawn" or "another" && dice.Chance(0.3))
        {
            Prelude(dialogue);
        }

        switch (category)
        {
            case "pair":
                ThingScope scope = dialogue.Scope;
                Understanding.Compare(dialogue, scope.DrawSource(dice), scope.DrawSource(dice), scope.MayEdit);
                story.Begin(dialogue.Current!);
                break;
            case "attached":
                Attach(dialogue, story);
                break;
            default:
                story.Begin(Editing.Start(dialogue, drawn: true));
                break;
        }
    }

    private static void Prelude(Dialogue dialogue)
    {
        Dice dice = dialogue.Dice;
        if (dice.Chance(0.5))
        {
            Talking.Talk(dialogue, dice.Pick("talk.hello", "talk.hello", "talk.who", "talk.can", "talk.colours", "talk.mood"));
        }
        else if (dice.Chance(0.5))
        {
            Limits.Append(dialogue);
        }
        else
        {
            while (!Editing.Refuse(dialogue, "nopicture", null))
            {
            }
        }
    }

    private static void Attach(Dialogue dialogue, Story story)
    {
        ThingScene scene = dialogue.Scope.DrawSource(dialogue.Dice);
        story.Begin(scene);
        dialogue.Focus = null;
        if (!dialogue.Dice.Chance(0.5) || !Change(dialogue, story, scene))
        {
            Understanding.Question(dialogue, scene);
        }
    }

    private static void Continue(Dialogue dialogue, Story story, bool isLast)
    {
        Dice dice = dialogue.Dice;
        bool done = dice.Below(100) switch
        {
            < 36 => Change(dialogue, story, null),
            < 57 => Question(dialogue),
            < 69 => Chat(dialogue, isLast),
            < 80 => Redraw(dialogue, story),
            < 90 => story.Back(),
            < 94 => Limit(dialogue),
            _ => Editing.Refuse(dialogue, dice.Pick(Refusals.Kinds.AsSpan()[..^1]), null),
        };
        if (!done)
        {
            Question(dialogue);
        }
    }

    private static bool Change(Dialogue dialogue, Story story, ThingScene? attached)
    {
        bool changed = Editing.Change(dialogue, dialogue.Dice.Pick(Editing.Simple.AsSpan()), attached, dialogue.Scope);
        if (changed)
        {
            story.Edit();
        }

        return changed;
    }

    private static bool Question(Dialogue dialogue)
    {
        Understanding.Question(dialogue, null);
        return true;
    }

    private static bool Limit(Dialogue dialogue)
    {
        Limits.Append(dialogue);
        return true;
    }

    private static bool Redraw(Dialogue dialogue, Story story)
    {
        story.Begin(Editing.Start(dialogue, drawn: true));
        return true;
    }

    private static bool Chat(Dialogue dialogue, bool isLast)
    {
        string intent = isLast
            ? dialogue.Dice.Pick("talk.bye", "talk.bye", "talk.thanks", "talk.thanks", "talk.thanks", "talk.praise")
            : dialogue.Dice.Pick(
                "talk.thanks", "talk.thanks", "talk.praise", "talk.praise", "talk.ok", "talk.complaint", "talk.mood", "talk.can",
                "talk.who", "talk.limits", "talk.colours", "talk.grounds", "talk.sizes");
        Talking.Talk(dialogue, intent);
        return true;
    }
}
