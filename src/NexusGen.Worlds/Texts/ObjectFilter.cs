using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Texts;

/// <summary>What a noun phrase says of an object; what is null isn't said.</summary>
/// <param name="Shape">Its shape, or any.</param>
/// <param name="Colour">Its colour, or any.</param>
/// <param name="Size">Its size, or any.</param>
/// <param name="Place">Its cell, or any.</param>
public readonly record struct ObjectFilter(
    Shape? Shape = null, Colour? Colour = null, ObjectSize? Size = null, Cell? Place = null)
{
    /// <summary>Whether all that is said is true of an object.</summary>
    /// <param name="o">The object.</param>
    /// <returns>Whether it is.</returns>
    public bool Fits(SceneObject o) => (Shape is null || Shape == o.Shape) && (Colour is null || Colour == o.Colour)
        && (Size is null || Size == o.Size) && (Place is null || Place == o.Cell);

    /// <summary>How many objects of a scene it fits.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>The number.</returns>
    public int CountIn(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        int count = 0;
        foreach (SceneObject o in scene.Objects)
        {
            count += Fits(o) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The objects of a scene that it fits.</summary>
    /// <param name="scene">The scene.</param>
    /// <returns>The objects, in reading order.</returns>
    public ImmutableArray<SceneObject> In(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return [.. scene.Objects.Where(Fits)];
    }
}
