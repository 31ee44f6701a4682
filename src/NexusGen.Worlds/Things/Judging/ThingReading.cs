using System.Collections.Immutable;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Judging;

/// <summary>What the judge read out of a picture of things.</summary>
/// <param name="Background">The background, or null where it is none of the catalogue.</param>
/// <param name="Objects">The things, in reading order of their cells; at most one a cell.</param>
/// <param name="Problems">What was seen but can't be a thing of the world: merged, malformed, between cells.</param>
public sealed record ThingReading(
    ThingBackground? Background, ImmutableArray<ReadThing> Objects, ImmutableArray<Fault> Problems) : IReading<ReadThing>
{
    string? IReading<ReadThing>.BackgroundName => Background?.Name;

    /// <summary>Returns the scene, without jitter.</summary>
    /// <returns>The scene, or null where the picture isn't one of this world.</returns>
    public ThingScene? ToScene()
    {
        bool isScene = Background is not null && Problems.IsEmpty && Objects.Length is > 0 and <= ThingScene.MaxObjects;
        return isScene ? new ThingScene(Background!, Objects.Select(one => one.ToPlaced())) : null;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Background?.Name ?? "?"}: {string.Join("; ", Objects)} {string.Join("; ", Problems)}".Trim();
}
