using System.Text;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Texts;

/// <summary>English names, articles and plurals.</summary>
internal sealed class EnglishSpeech : Speech
{
    private static readonly string[] Shapes = ["circle", "square", "triangle", "star", "ring", "diamond", "cross", "heart"];

    private static readonly string[] Colours = ["red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink"];

    private static readonly string[] Backgrounds = ["white", "black", "gray", "beige", "brown"];

    private static readonly string[] Numbers =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];

    private static readonly string[] Places =
    [
        "at the top left", "at the top", "at the top right",
        "on the left", "at the center", "on the right",
        "at the bottom left", "at the bottom", "at the bottom right",
    ];

    private static readonly Phrase[] PlacePhrases =
    [
        new("[at|in] the top left", "in the [top|upper] left corner"), new("at the top"),
        new("[at|in] the top right", "in the [top|upper] right corner"),
        new("[on|at] the left"), new("[at|in] the [center|middle]"), new("[on|at] the right"),
        new("[at|in] the bottom left", "in the [bottom|lower] left corner"), new("at the bottom"),
        new("[at|in] the bottom right", "in the [bottom|lower] right corner"),
    ];

    private static readonly Phrase[] Relations =
    [
        new("left of", "to the left of", "on the left of"), new("right of", "to the right of", "on the right of"),
        new("above"), new("below", "under"),
    ];

    private static readonly string[] CanonicalRelations = ["left of", "right of", "above", "below"];

    public override string Name(Shape shape) => Shapes[(int)shape];

    public override string Name(Colour colour) => Colours[(int)colour];

    public override string Name(ObjectSize size) => size == ObjectSize.Small ? "small" : "big";

    public override string Name(Background background) => Backgrounds[(int)background];

    public override string Number(int number) => Numbers[number];

    public override string Amount(int number, Shape? shape) => number == 0 ? "none" : Numbers[number];

    public override string Measure(Shape? shape) => "";

    public override string Place(Cell cell, Dice? dice) =>
        dice is null || dice.Chance(0.5) ? Places[cell.Index] : PlacePhrases[cell.Index].Say(dice);

    public override string Goal(Cell cell, Dice? dice)
    {
        string place = Place(cell, dice);
        return "to" + place[place.IndexOf(' ')..];
    }

    public override string Relation(Relation relation, Dice? dice) =>
        dice is null ? CanonicalRelations[(int)relation] : Relations[(int)relation].Say(dice);

    public override string Some(ObjectFilter what, int count, Dice? dice)
    {
        StringBuilder text = new();
        string noun = Noun(what, count != 1, dice);
        if (count != 1)
        {
            text.Append(dice is not null && dice.Chance(0.15) ? count : Numbers[count]);
        }
        else
        {
            text.Append(dice is not null && dice.Chance(0.1) ? "one" : "aeiou".Contains(noun[0]) ? "an" : "a");
        }

        text.Append(' ').Append(noun);
        return AtPlace(text, what, dice);
    }

    public override string The(ObjectFilter what, Dice? dice) =>
        AtPlace(new StringBuilder("the ").Append(Noun(what, plural: false, dice)), what, dice);

    public override string Kind(ObjectFilter what, Dice? dice) =>
        AtPlace(new StringBuilder(Noun(what, plural: true, dice)), what, dice);

    public override string List(IReadOnlyList<string> items) =>
        items.Count == 1 ? items[0] : $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}";

    public override string Describe(Scene scene)
    {
        StringBuilder text = new();
        foreach (SceneObject o in scene.Objects)
        {
            text.Append(Some(new ObjectFilter(o.Shape, o.Colour, o.Size, o.Cell), 1, null)).Append(", ");
        }

        return text.Append("on a ").Append(Name(scene.Background)).Append(" background").ToString();
    }

    private static string AtPlace(StringBuilder text, ObjectFilter what, Dice? dice) =>
        (what.Place is { } place ? text.Append(' ').Append(English.Place(place, dice)) : text).ToString();

    private static string Noun(ObjectFilter what, bool plural, Dice? dice)
    {
        StringBuilder text = new();
        if (what.Size is { } size)
        {
            text.Append(dice is not null && size == ObjectSize.Big && dice.Chance(0.3) ? "large" : English.Name(size))
                .Append(' ');
        }

        if (what.Colour is { } colour)
        {
            text.Append(English.Name(colour)).Append(' ');
        }

        text.Append(what.Shape is { } shape ? English.Name(shape) : dice is not null && dice.Chance(0.3) ? "shape" : "object");
        return (plural ? text.Append(what.Shape == Shape.Cross ? "es" : "s") : text).ToString();
    }
}
