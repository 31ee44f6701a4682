using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Rendering;

/// <summary>
/// What each part of a scene's picture shows, as class numbers on an even grid: of every part, what stands in the cell whose
/// middle is the nearest.
/// </summary>
public static class SceneLabels
{
    /// <summary>
    /// The kinds of labels, each with its number of classes; class 0 of the first three says that the cell is empty.
    /// </summary>
    public static ImmutableArray<(string Name, int Classes)> Kinds { get; } =
    [
        ("shape", Enum.GetValues<Shape>().Length + 1),
        ("colour", Enum.GetValues<Colour>().Length + 1),
        ("size", Enum.GetValues<ObjectSize>().Length + 1),
        ("background", Enum.GetValues<Background>().Length),
    ];

    /// <summary>The classes of one kind.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="kind">The kind's name.</param>
    /// <param name="parts">Rows and columns of the grid.</param>
    /// <returns>parts · parts classes, row by row.</returns>
    /// <exception cref="WorldException">There is no such kind.</exception>
    public static ImmutableArray<byte> Of(Scene scene, string kind, int parts)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return LabelGrid.Of(parts, WorldGeometry.BaseSide, WorldGeometry.Center, cell => Class(scene, kind, scene.At(cell)));
    }

    private static byte Class(Scene scene, string kind, SceneObject? here) => kind switch
    {
        "shape" => (byte)(here is { } shown ? (int)shown.Shape + 1 : 0),
        "colour" => (byte)(here is { } shown ? (int)shown.Colour + 1 : 0),
        "size" => (byte)(here is { } shown ? (int)shown.Size + 1 : 0),
        "background" => (byte)scene.Background,
        _ => throw new WorldException(
            $"There are no labels \"{kind}\"; there are {string.Join(", ", Kinds.Select(one => one.Name))}."),
    };
}
