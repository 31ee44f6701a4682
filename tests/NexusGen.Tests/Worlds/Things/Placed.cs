using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>Short ways to write scenes of things.</summary>
internal static class Placed
{
    /// <summary>A thing by its names.</summary>
    public static PlacedThing At(int row, int column, string thing, string? colour = null, ThingSize size = ThingSize.Big) => new(
        ThingCatalogue.Thing(thing), colour is null ? null : ThingCatalogue.Colour(colour), size, new Cell(row, column));

    /// <summary>A scene by the name of its background.</summary>
    public static ThingScene On(string background, params IEnumerable<PlacedThing> things) =>
        new(ThingCatalogue.Background(background), things);
}
