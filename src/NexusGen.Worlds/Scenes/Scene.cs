using System.Collections.Immutable;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Scenes;

/// <summary>
/// An exact description of a picture: a background and 1 to 5 objects, each in a cell of its own, in reading order (the
/// canonical order, so equal scenes compare equal). <see cref="LayoutHash"/> never changes between runs, machines or versions
/// of .NET: the split into training and test scenes rests on it.
/// </summary>
public sealed class Scene : IEquatable<Scene>
{
    /// <summary>The most objects in a scene.</summary>
    public const int MaxObjects = 5;

    /// <summary>A scene of a background and objects, in any order.</summary>
    /// <param name="background">The background.</param>
    /// <param name="objects">1 to 5 objects.</param>
    /// <exception cref="ShapesWorldException">None or too many objects, two in one cell, a cell outside the grid, or a jitter
    /// beyond <see cref="SceneObject.MaxJitter"/>.</exception>
    public Scene(Background background, params IEnumerable<SceneObject> objects)
    {
        Background = background;
        Objects = [.. objects.OrderBy(o => o.Cell)];
        if (Objects.Length is 0 or > MaxObjects)
        {
            throw new ShapesWorldException($"A scene holds 1 to {MaxObjects} objects, not {Objects.Length}.");
        }

        for (int i = 0; i < Objects.Length; i++)
        {
            SceneObject o = Objects[i];
            if (!o.Cell.IsInside || Math.Abs(o.JitterX) > SceneObject.MaxJitter || Math.Abs(o.JitterY) > SceneObject.MaxJitter)
            {
                throw new ShapesWorldException($"The object {o} lies outside the grid or its jitter is beyond {SceneObject.MaxJitter}.");
            }

            if (i > 0 && Objects[i - 1].Cell == o.Cell)
            {
                throw new ShapesWorldException($"Two objects stand in one cell: {Objects[i - 1]} and {o}.");
            }
        }
    }

    /// <summary>The background.</summary>
    public Background Background { get; }

    /// <summary>The objects, in reading order of their cells.</summary>
    public ImmutableArray<SceneObject> Objects { get; }

    /// <summary>The same scene with every object in the middle of its cell.</summary>
    public Scene Centered => new(Background, Objects.Select(o => o.Centered));

    /// <summary>Whether an object stands off the middle of its cell.</summary>
    public bool HasJitter => Objects.Any(o => o != o.Centered);

    /// <summary>
    /// A stable 64-bit hash of the scene without its jitter: a jittered picture of a test scene is a test picture too.
    /// (FNV-1a over background, then shape, colour, size and cell of each object, finished by SplitMix64.)
    /// </summary>
    public ulong LayoutHash
    {
        get
        {
            ulong hash = Fnv(14695981039346656037, (byte)Background);
            foreach (SceneObject o in Objects)
            {
                hash = Fnv(Fnv(Fnv(Fnv(hash, (byte)o.Shape), (byte)o.Colour), (byte)o.Size), (byte)o.Cell.Index);
            }

            return Dice.Mix(hash);
        }
    }

    /// <summary>Whether two scenes are the same without their jitter.</summary>
    /// <param name="other">The other scene.</param>
    /// <returns>Whether background and objects are the same.</returns>
    public bool SameLayout(Scene other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Background == other.Background
            && Objects.Select(o => o.Centered).SequenceEqual(other.Objects.Select(o => o.Centered));
    }

    /// <summary>The object in a cell, or null.</summary>
    /// <param name="cell">The cell.</param>
    /// <returns>The object.</returns>
    public SceneObject? At(Cell cell)
    {
        foreach (SceneObject o in Objects)
        {
            if (o.Cell == cell)
            {
                return o;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public bool Equals(Scene? other) =>
        other is not null && Background == other.Background && Objects.AsSpan().SequenceEqual(other.Objects.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Scene);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)LayoutHash;

    /// <summary>A short name, for instance <c>white: big red star@0,0; small blue ring@1,2</c>.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"{Background.ToString().ToLowerInvariant()}: {string.Join("; ", Objects)}";

    private static ulong Fnv(ulong hash, byte value) => (hash ^ value) * 1099511628211;
}
