using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>One thing that a picture must show. What is null may be anything.</summary>
/// <param name="Entry">The index of the entry that asks for it.</param>
/// <param name="Item">The id of the thing.</param>
/// <param name="Colour">The id of the colour that it counts as, or <see cref="Natural"/> for a look without one.</param>
/// <param name="Size">The size.</param>
/// <param name="Cell">The cell.</param>
internal sealed record WantedThing(int Entry, string Item, string? Colour, ThingSize? Size, Cell? Cell)
{
    /// <summary>The colour of a natural look that none dominates.</summary>
    public const string Natural = "natural";

    /// <summary>Returns a thing of a scene, as it is.</summary>
    public static WantedThing Of(int entry, PlacedThing thing) =>
        new(entry, thing.Thing.Name, thing.ApparentColour?.Name ?? Natural, thing.Size, thing.Cell);

    /// <summary>Returns the things that an entry asks for.</summary>
    public static IEnumerable<WantedThing> Of(int entry, ParaphraseThing thing) => Enumerable.Repeat(
        new WantedThing(
            entry, thing.Item, thing.Colour, thing.Size is null ? null : Ids.SizeOf(thing.Size),
            thing.Cell is null ? null : Ids.CellOf(thing.Cell)),
        thing.Count ?? 1);

    /// <summary>Returns whether a thing that was read is one.</summary>
    public bool Fits(ReadThing thing) => thing.Thing.Name == Item
        && (Colour is null || Colour == (thing.ApparentColour?.Name ?? Natural))
        && (Size is null || Size == thing.Size)
        && (Cell is null || Cell == thing.Cell);

    /// <inheritdoc/>
    public override string ToString()
    {
        string? size = Size is { } one ? Ids.Of(one) : null, place = Cell is { } cell ? $"at {Ids.Of(cell)}" : null;
        return string.Join(' ', new[] { size, Colour, Item, place }.OfType<string>());
    }
}
