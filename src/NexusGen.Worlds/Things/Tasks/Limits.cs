using System.Collections.Immutable;
using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>Requests for what the world doesn't have, and the replies that say so.</summary>
internal static partial class Limits
{
    private static readonly ImmutableArray<string> OfPictures =
        ["limit.add", "limit.replace", "limit.restyle", "limit.recolour", "limit.adddetail"];

    private static readonly ImmutableArray<string> Living =
        ["bear", "bird", "cat", "cow", "dog", "elephant", "giraffe", "horse", "person", "sheep", "teddy bear", "zebra"];

    /// <summary>Appends a request of any kind and its reply.</summary>
    public static void Append(Dialogue dialogue)
    {
        Dice dice = dialogue.Dice;
        while (true)
        {
            string intent = dice.Pick(Intents.Limits.AsSpan());
            if (OfPictures.Contains(intent) && dialogue.Current is null)
            {
                continue;
            }

            Mention? thing = OfPictures.Contains(intent) ? Shown(dialogue) : AnyThing(dice, intent);
            if (thing is not null && Say(dialogue, intent, thing) is var (text, reply))
            {
                dialogue.Ask(text);
                dialogue.Say(reply);
                return;
            }
        }
    }

    // Null where the world has it: an elephant may be grey and a zebra striped.
    private static (string Text, string Reply)? Say(Dialogue dialogue, string intent, Mention thing)
    {
        (Dice dice, TextLanguage language) = (dialogue.Dice, dialogue.Language);
        OffWorld off = OffWorld.Of(language);
        Slots asked = Slots.Of(thing), offer = Talking.Offer(dice);
        switch (intent)
        {
            case "limit.thing" or "limit.add" or "limit.replace" or "limit.with":
                Name word = dice.Pick(off.Things.AsSpan());
                (asked, offer) = (asked with { Word = word }, offer with { Word = word });
                break;
            case "limit.ground":
                Name ground = dice.Pick(off.Grounds.AsSpan());
                asked = asked with { Word = ground };
                offer = offer with { Word = ground, Ground = dice.Pick(ThingCatalogue.Backgrounds.AsSpan()).Name };
                break;
            case "limit.count":
                asked = Slots.Of(Several(thing)) with { Number = dice.Between(6, 10) };
                offer = Slots.Of(thing);
                break;
            case "limit.empty":
                asked = Slots.None;
                break;
            default:
                string phrase = dice.Pick(Phrases(off, intent).AsSpan());
                asked = (intent == "limit.crowd" ? Slots.Of(Several(thing)) : asked) with { Phrase = phrase };
                string colour = dice.Pick(ThingCatalogue.Colours.AsSpan()).Name;
                bool general = intent is "limit.other" or "limit.nonsense" or "limit.garbage";
                offer = general ? offer : Slots.Of(Plain(thing)) with { Phrase = intent == "limit.crowd" ? null : phrase };
                offer = intent is "limit.colour" or "limit.recolour" ? offer with { Colour = colour } : offer;
                if (IsKnown(intent, thing.Item, phrase))
                {
                    return null;
                }

                break;
        }

        // Some replies don't repeat what can't be done.
        string reply = Intents.ReplyTo(intent);
        Slots brief = offer with { Word = null, Phrase = null };
        offer = dice.Chance(0.3) && Wording.CanSay(reply, brief, language, "") ? brief : offer;
        return (Wording.Realize(intent, asked, language, dice), Wording.Realize(reply, offer, language, dice));
    }

    private static ImmutableArray<string> Phrases(OffWorld off, string intent) => intent switch
    {
        "limit.crowd" => off.Crowds,
        "limit.style" or "limit.restyle" => off.Styles,
        "limit.colour" or "limit.recolour" => off.Colours,
        "limit.action" => off.Actions,
        "limit.detail" or "limit.adddetail" => off.Details,
        "limit.other" => off.Other,
        "limit.nonsense" => off.Nonsense,
        _ => off.Garbage,
    };

    private static bool IsKnown(string intent, string? item, string phrase)
    {
        if (intent is "limit.colour" or "limit.recolour")
        {
            bool grey = item is null || ThingCatalogue.Thing(item).Dominant is null;
            return (grey && Grey().IsMatch(phrase)) || (item is null or "zebra" or "tie" && Stripes().IsMatch(phrase))
                || (item is null or "giraffe" or "cow" or "dog" && Spots().IsMatch(phrase));
        }

        return intent is "limit.detail" or "limit.adddetail" && (item is null || Living.Contains(item) || item == "airplane")
            && Limbs().IsMatch(phrase);
    }

    private static Mention? Shown(Dialogue dialogue)
    {
        ThingScene scene = dialogue.Current!;
        PlacedThing thing = dialogue.Dice.Pick(scene.Objects.AsSpan());
        return References.To(scene, thing, dialogue.Dice, one => one with { Place = null });
    }

    private static Mention AnyThing(Dice dice, string intent) => new()
    {
        Item = intent is "limit.action" && dice.Chance(0.85)
            ? dice.Pick(Living.AsSpan())
            : dice.Pick(ThingCatalogue.Things.AsSpan()).Name,
    };

    private static Mention Several(Mention thing) => thing with { Count = 2 };

    private static Mention Plain(Mention thing) => new() { Item = thing.Item ?? "star" };

    [GeneratedRegex("gr[ea]y|silver|metal|chrome|steel|shin|gloss|sparkl|灰|银|金属|亮|闪", RegexOptions.IgnoreCase)]
    private static partial Regex Grey();

    [GeneratedRegex("strip|条纹|black and white|黑白", RegexOptions.IgnoreCase)]
    private static partial Regex Stripes();

    [GeneratedRegex("spot|dot|patch|斑|black and white|黑白|花", RegexOptions.IgnoreCase)]
    private static partial Regex Spots();

    // What the drawings of animals and planes have by nature.
    [GeneratedRegex(
        @"\b(wings?|ears|tail|horns?|legs|feet|eyes|nose|hair|face|mouth)\b|翅膀|耳|尾|角|腿|脚|眼睛|鼻|毛|脸|嘴",
        RegexOptions.IgnoreCase)]
    private static partial Regex Limbs();
}
