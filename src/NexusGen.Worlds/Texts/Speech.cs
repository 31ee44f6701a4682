using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Texts;

/// <summary>
/// How a language names the things of the world. Where dice are given, wordings vary; where they are null, they are canonical,
/// as answers have them. Safe for use by several threads.
/// </summary>
internal abstract class Speech
{
    /// <summary>English.</summary>
    public static Speech English { get; } = new EnglishSpeech();

    /// <summary>Chinese.</summary>
    public static Speech Chinese { get; } = new ChineseSpeech();

    /// <summary>The speech of a language.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The speech.</returns>
    public static Speech Of(TextLanguage language) => language == TextLanguage.English ? English : Chinese;

    /// <summary>The name of a shape, singular and without article.</summary>
    public abstract string Name(Shape shape);

    /// <summary>The name of a colour.</summary>
    public abstract string Name(Colour colour);

    /// <summary>The name of a size.</summary>
    public abstract string Name(ObjectSize size);

    /// <summary>The name of a background's colour.</summary>
    public abstract string Name(Background background);

    /// <summary>A number from 0 to 12 in words.</summary>
    public abstract string Number(int number);

    /// <summary>How many of something there are, as a short answer: <c>two</c>, <c>两颗</c>.</summary>
    public abstract string Amount(int number, Shape? shape);

    /// <summary>The word that counts things of a shape (颗, 个); English has none.</summary>
    public abstract string Measure(Shape? shape);

    /// <summary>A place on the grid: <c>at the top left</c>, <c>左上角</c>.</summary>
    public abstract string Place(Cell cell, Dice? dice);

    /// <summary>A place as what something is moved to: <c>to the top left</c>, <c>左上角</c>.</summary>
    public abstract string Goal(Cell cell, Dice? dice);

    /// <summary>A relation before its object: <c>to the left of</c>; in Chinese after it: <c>左边</c>.</summary>
    public abstract string Relation(Relation relation, Dice? dice);

    /// <summary>Objects not yet known: <c>a big red star</c>, <c>two stars</c>, <c>an object at the center</c>.</summary>
    public abstract string Some(ObjectFilter what, int count, Dice? dice);

    /// <summary>The one known object: <c>the red star at the top left</c>.</summary>
    public abstract string The(ObjectFilter what, Dice? dice);

    /// <summary>All of a kind, without article or number: <c>red stars</c>.</summary>
    public abstract string Kind(ObjectFilter what, Dice? dice);

    /// <summary>A list of things: <c>a, b and c</c>.</summary>
    public abstract string List(IReadOnlyList<string> items);

    /// <summary>The description of a scene in reading order, all places, sizes, colours and the background named.</summary>
    public abstract string Describe(Scene scene);
}
