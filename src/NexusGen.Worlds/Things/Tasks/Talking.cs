using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// Small talk, and requests for what the world doesn't have, before there is an image and about one. A pure function of the
/// dice.
/// </summary>
internal static class Talking
{
    /// <summary>Small talk and limits.</summary>
    public static ImmutableArray<string> Categories { get; } = ["talk", "limit"];

    /// <summary>Creates a sample.</summary>
    public static ThingSample Make(Dice dice, TextLanguage language, string category, ThingScope scope)
    {
        var dialogue = new Dialogue(dice, language, scope);
        if (dice.Chance(0.5))
        {
            Editing.Start(dialogue, drawn: dice.Chance(0.75));
        }

        if (category == "talk")
        {
            Talk(dialogue, dice.Pick(Intents.Talks.AsSpan()));
        }
        else
        {
            Limits.Append(dialogue);
        }

        return dialogue.ToSample(ThingTask.Talk, category);
    }

    /// <summary>Appends small talk and its reply.</summary>
    /// <param name="dialogue">The conversation.</param>
    /// <param name="intent">One of <see cref="Intents.Talks"/>.</param>
    public static void Talk(Dialogue dialogue, string intent)
    {
        dialogue.Ask(Wording.Realize(intent, Slots.None, dialogue.Language, dialogue.Dice));
        dialogue.Say(Wording.Realize(Intents.ReplyTo(intent), Offer(dialogue.Dice), dialogue.Language, dialogue.Dice));
    }

    /// <summary>Returns three things to offer.</summary>
    public static Slots Offer(Dice dice)
    {
        Thing[] things = [.. ThingCatalogue.Things];
        dice.Shuffle<Thing>(things);
        return Slots.Of([.. things.Take(3).Select(thing => new Mention { Item = thing.Name })]);
    }
}
