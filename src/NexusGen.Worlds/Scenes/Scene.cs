using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Scenes;

/// <summary>A scene of shapes: a background and 1 to 5 objects, each in a cell of its own.</summary>
public sealed class Scene : GridScene<Background, SceneObject>
{
    /// <summary>A scene of a background and objects, in any order.</summary>
    /// <param name="background">The background.</param>
    /// <param name="objects">1 to 5 objects.</param>
    /// <exception cref="WorldException">None or too many objects, two in one cell, a cell outside the grid, or a jitter
    /// beyond <see cref="SceneObject.MaxJitter"/>.</exception>
    public Scene(Background background, params IEnumerable<SceneObject> objects)
        : base(background, objects)
    {
    }

    /// <summary>The same scene with every object in the middle of its cell.</summary>
    public Scene Centered => new(Background, CenteredObjects);

    /// <inheritdoc/>
    /// <remarks>FNV-1a over background, then shape, colour, size and cell of each object, finished by SplitMix64.</remarks>
    public override ulong LayoutHash
    {
        get
        {
            ulong hash = StableHash.Add(StableHash.Empty, (byte)Background);
            foreach (SceneObject o in Objects)
            {
                hash = StableHash.Add(StableHash.Add(hash, (byte)o.Shape), (byte)o.Colour);
                hash = StableHash.Add(StableHash.Add(hash, (byte)o.Size), (byte)o.Cell.Index);
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
        return HasLayoutOf(other);
    }

    /// <summary>A short name, for instance <c>white: big red star@0,0; small blue ring@1,2</c>.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"{Background.ToString().ToLowerInvariant()}: {string.Join("; ", Objects)}";
}
