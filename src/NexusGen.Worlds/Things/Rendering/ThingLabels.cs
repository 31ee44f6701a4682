using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Rendering;

/// <summary>
/// What each part of a picture of things shows, as class numbers on an even grid: of every part, what stands in the cell whose
/// middle is the nearest.
/// </summary>
public static class ThingLabels
{
    /// <summary>
    /// The kinds of labels, each with its number of classes. Class 0 of the first three says that the cell is empty; class 1 of
    /// the colours is the natural look.
    /// </summary>
    public static ImmutableArray<(string Name, int Classes)> Kinds { get; } =
    [
        ("thing", ThingCatalogue.Things.Length + 1),
        ("colour", ThingCatalogue.Colours.Length + 2),
        ("size", Enum.GetValues<ThingSize>().Length + 1),
        ("background", ThingCatalogue.Backgrounds.Length),
    ];

    /// <summary>Returns the classes of one kind.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="kind">The kind's name.</param>
    /// <param name="parts">The number of rows and of columns of the grid.</param>
    /// <returns>parts · parts classes, row by row.</returns>
    /// <exception cref="WorldException">There is no such kind.</exception>
    public static ImmutableArray<byte> Of(ThingScene scene, string kind, int parts)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return LabelGrid.Of(parts, ThingGeometry.Side, ThingGeometry.Center, cell => Class(scene, kind, scene.At(cell)));
    }

    private static byte Class(ThingScene scene, string kind, PlacedThing? here) => kind switch
    {
        "thing" => (byte)(here is { } shown ? shown.Thing.Index + 1 : 0),
        "colour" => (byte)(here is { } shown ? shown.Look + 1 : 0),
        "size" => (byte)(here is { } shown ? (int)shown.Size + 1 : 0),
        "background" => (byte)scene.Background.Index,
        _ => throw new WorldException(
            $"There are no labels \"{kind}\"; there are {string.Join(", ", Kinds.Select(one => one.Name))}."),
    };
}
