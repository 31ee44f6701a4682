using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Scenes;

/// <summary>
/// A scene of things: a background and 1 to 5 things, each in a cell of its own and none hidden by the background.
/// </summary>
public sealed class ThingScene : GridScene<ThingBackground, PlacedThing>
{
    /// <summary>Initializes a scene of a background and things, in any order.</summary>
    /// <param name="background">The background.</param>
    /// <param name="things">1 to 5 things.</param>
    /// <exception cref="WorldException">There are no or too many things, two in one cell, one outside the grid or with too
    /// large a jitter, or one that the background hides.</exception>
    public ThingScene(ThingBackground background, params IEnumerable<PlacedThing> things)
        : base(background, things)
    {
        foreach (PlacedThing placed in Objects)
        {
            if (background.Hides(placed.Thing, placed.Colour))
            {
                throw new WorldException($"The background {background} hides the {placed}.");
            }
        }
    }

    /// <summary>The same scene with every thing in the middle of its cell.</summary>
    public ThingScene Centered => new(Background, CenteredObjects);

    /// <inheritdoc/>
    /// <remarks>FNV-1a over the numbers of the background, then of thing, look, size and cell of each thing, finished by
    /// SplitMix64.</remarks>
    public override ulong LayoutHash
    {
        get
        {
            ulong hash = StableHash.Add(StableHash.Empty, (byte)Background.Index);
            foreach (PlacedThing placed in Objects)
            {
                hash = StableHash.Add(StableHash.Add(hash, (byte)placed.Thing.Index), (byte)placed.Look);
                hash = StableHash.Add(StableHash.Add(hash, (byte)placed.Size), (byte)placed.Cell.Index);
            }

            return Dice.Mix(hash);
        }
    }

    /// <summary>Whether two scenes are the same without their jitter.</summary>
    /// <param name="other">The other scene.</param>
    /// <returns>Whether background and things are the same.</returns>
    public bool SameLayout(ThingScene other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return HasLayoutOf(other);
    }

    /// <summary>A short name, for instance <c>grass: big dog@0,0; small blue bus@1,2</c>.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => $"{Background}: {string.Join("; ", Objects)}";
}
