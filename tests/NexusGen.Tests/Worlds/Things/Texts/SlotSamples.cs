using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>Draws what an intent talks about, as the tasks of the world would.</summary>
internal static class SlotSamples
{
    private static readonly Lexicon Words = Lexicon.English;

    /// <summary>Slots for an intent.</summary>
    public static Slots For(string intent, TextLanguage language, Dice dice)
    {
        OffWorld off = OffWorld.Of(language);
        string[] parts = intent.Split('.');
        string kind = parts[^1];
        return intent switch
        {
            "draw.one" => Grounded(Slots.Of(Thing(dice)), dice),
            "draw.count" => Grounded(Slots.Of(Thing(dice) with { Count = dice.Between(2, 5) }), dice),
            "draw.place" => Grounded(Slots.Of(Placed(dice)), dice),
            "draw.relation" => Grounded(Two(dice) with { Relation = Relation(dice) }, dice),
            "draw.several" => Grounded(
                new Slots { Things = [.. Enumerable.Range(0, dice.Between(2, 4)).Select(_ => Thing(dice))] }, dice),
            "draw.scene" => Grounded(
                new Slots { Things = [.. Enumerable.Range(0, dice.Between(2, 5)).Select(_ => Placed(dice))] }, dice),
            "draw.geneval" => Slots.Of(Classed(dice) with { Count = dice.Between(1, 4) }),
            "draw.geneval.relation" =>
                Slots.Of(Classed(dice), Classed(dice)) with { Relation = dice.Pick("left of", "right of", "above", "below") },
            "edit.two" => new Slots { Texts = [Plain(language, dice), Plain(language, dice)] },
            "answer.describe" => new Slots
            {
                Things = [.. Enumerable.Range(0, dice.Between(1, 4)).Select(_ => Placed(dice))],
                Ground = Ground(dice),
            },
            "answer.total" => new Slots { Number = dice.Between(1, 5) },
            "answer.where" => Slots.Of(Placed(dice)),
            "answer.colour" or "answer.colour.no" or "ask.colouris" or "edit.recolour" or "edit.plain.recolour" =>
                Slots.Of(Known(dice)) with { Colour = Colour(dice) },
            "answer.ground" or "answer.ground.no" or "ask.groundis" or "edit.ground" or "edit.plain.ground" =>
                new Slots { Ground = Ground(dice) },
            "answer.relation.no" or "refuse.edge" or "ask.relation" or "edit.movebeside" or "edit.beside" or "edit.plain.beside"
                or "ask.beside" =>
                Slots.Of(Plain(dice), Known(dice)) with { Relation = Relation(dice) },
            "answer.size" => Slots.Of(Known(dice)) with { Size = dice.Pick(Words.SizeIds.AsSpan()) },
            "answer.count" or "answer.exists.yes" => Slots.Of(Plain(dice) with { Count = dice.Between(1, 4) }),
            "answer.things" => Slots.Of(Thing(dice), Thing(dice)),
            "ask.exists" or "ask.count" => Slots.Of(Thing(dice) with { Count = dice.Between(1, 2) }),
            "ask.what" or "refuse.taken" => Slots.Of(Plain(dice)) with { Place = Place(dice) },
            "ask.which" => new Slots { Colour = Colour(dice) },
            "edit.move" or "edit.plain.move" => Slots.Of(Known(dice)) with { Place = Place(dice) },
            "edit.add" or "edit.plain.add" => Slots.Of(dice.Chance(0.5) ? Thing(dice) : Placed(dice)),
            "edit.backto" => Slots.Of(Thing(dice)),
            "edit.more" => Slots.Of(Plain(dice) with { Count = dice.Between(1, 2) }),
            "edit.replace" or "edit.plain.replace" => Slots.Of(Known(dice), Thing(dice)),
            "edit.swap" or "edit.plain.swap" =>
                Slots.Of(Known(dice) with { Count = 1, Pronoun = false }, Known(dice) with { Count = 1, Pronoun = false }),
            "limit.thing" => new Slots { Word = dice.Pick(off.Things.AsSpan()) },
            "limit.with" or "limit.add" or "limit.replace" or "refuse.thing" =>
                Two(dice) with { Word = dice.Pick(off.Things.AsSpan()) },
            "limit.ground" or "refuse.ground" => Slots.Of(Thing(dice)) with
            {
                Word = dice.Pick(off.Grounds.AsSpan()),
                Ground = kind == "ground" && parts[0] == "refuse" ? Ground(dice) : null,
            },
            "limit.count" => Slots.Of(Plain(dice) with { Count = 2 }) with { Number = dice.Between(6, 10) },
            "limit.crowd" => Phrased(off.Crowds, dice, 2),
            "limit.style" or "limit.restyle" or "refuse.style" => Phrased(off.Styles, dice),
            "limit.colour" or "limit.recolour" => Phrased(off.Colours, dice),
            "refuse.colour" => Phrased(off.Colours, dice) with { Colour = Colour(dice) },
            "limit.action" or "refuse.action" => Phrased(off.Actions, dice),
            "limit.detail" or "limit.adddetail" or "refuse.detail" => Phrased(off.Details, dice),
            "limit.other" => Phrased(off.Other, dice),
            "limit.nonsense" => Phrased(off.Nonsense, dice),
            "limit.garbage" => Phrased(off.Garbage, dice),
            _ when parts[0] is "talk" or "reply" || kind is "undo" or "first" or "again" or "full" or "nopicture" =>
                parts is ["reply", "can"] ? Kinds(dice) : Slots.None,
            _ when parts[0] == "edit" => Slots.Of(Known(dice)),
            _ => Kinds(dice),
        };
    }

    private static Slots Phrased(IReadOnlyList<string> phrases, Dice dice, int count = 1) =>
        Slots.Of(Plain(dice) with { Count = count }) with { Phrase = phrases[dice.Below(phrases.Count)] };

    private static Slots Kinds(Dice dice) => Slots.Of(Plain(dice), Plain(dice), Plain(dice));

    private static Slots Two(Dice dice) => Slots.Of(Thing(dice), Thing(dice));

    private static Slots Grounded(Slots slots, Dice dice) => dice.Chance(0.3) ? slots with { Ground = Ground(dice) } : slots;

    private static Mention Plain(Dice dice) => new() { Item = dice.Pick(Words.ItemIds.AsSpan()) };

    private static Mention Classed(Dice dice) => new()
    {
        Item = dice.Pick(Words.ItemIds.AsSpan()[8..]),
        Colour = dice.Chance(0.3) ? Colour(dice) : null,
    };

    private static Mention Thing(Dice dice) => Plain(dice) with
    {
        Colour = dice.Chance(0.5) ? Colour(dice) : null,
        Size = dice.Chance(0.3) ? dice.Pick(Words.SizeIds.AsSpan()) : null,
    };

    private static Mention Placed(Dice dice) => Thing(dice) with { Place = Place(dice) };

    private static Mention Known(Dice dice) => dice.Below(8) switch
    {
        0 => Placed(dice) with { Colour = null, Size = null },
        1 => new Mention { Colour = Colour(dice) },
        2 => new Mention { Place = Place(dice) },
        3 => Plain(dice) with { Relation = Relation(dice), Other = Plain(dice) },
        4 => Plain(dice) with { Pronoun = true },
        5 => Plain(dice) with { Count = dice.Between(2, 3) },
        6 => Plain(dice) with { Colour = Colour(dice) },
        _ => Plain(dice),
    };

    private static string Plain(TextLanguage language, Dice dice)
    {
        string intent = dice.Pick(Intents.PlainEdits.AsSpan());
        return Wording.Raw(intent, For(intent, language, dice), language, dice).Text;
    }

    private static string Colour(Dice dice) => dice.Pick(Words.ColourIds.AsSpan());

    private static string Place(Dice dice) => dice.Pick(Words.PlaceIds.AsSpan());

    private static string Ground(Dice dice) => dice.Pick(Words.GroundIds.AsSpan());

    private static string Relation(Dice dice) => dice.Pick(Words.RelationIds.AsSpan());
}
