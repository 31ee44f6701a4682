using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Judging;

/// <summary>What the judge read out of a picture.</summary>
/// <param name="Background">The background, or null where it is none of the five.</param>
/// <param name="Objects">The objects, in reading order of their cells.</param>
/// <param name="Problems">What was seen but can't be an object of the world: merged, unclear, between cells.</param>
public sealed record SceneReading(
    Background? Background, ImmutableArray<ReadObject> Objects, ImmutableArray<Fault> Problems) : IReading<ReadObject>
{
    string? IReading<ReadObject>.BackgroundName => Background?.ToString();

    /// <summary>The scene, without jitter.</summary>
    /// <returns>The scene, or null where the picture isn't one of this world.</returns>
    public Scene? ToScene()
    {
        bool isScene = Background is not null && Problems.IsEmpty && Objects.Length is > 0 and <= Scene.MaxObjects
            && Objects.DistinctBy(o => o.Cell).Count() == Objects.Length;
        return isScene ? new Scene(Background!.Value, Objects.Select(o => o.ToObject())) : null;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Background?.ToString().ToLowerInvariant() ?? "?"}: {string.Join("; ", Objects)} {string.Join("; ", Problems)}".Trim();
}
