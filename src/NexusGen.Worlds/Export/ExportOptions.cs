using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Worlds.Export;

/// <summary>What is written out of the world.</summary>
public sealed record ExportOptions
{
    /// <summary>Decides all samples.</summary>
    public ulong Seed { get; init; }

    /// <summary>Samples of each task.</summary>
    public int Samples { get; init; } = 1000;

    /// <summary>The tasks, a file each.</summary>
    public ImmutableArray<WorldTask> Tasks { get; init; } = [.. Enum.GetValues<WorldTask>()];

    /// <summary>The split of all scenes: training, validation or test.</summary>
    public WorldSplit Split { get; init; } = WorldSplit.Train;

    /// <summary>The one language; both where null.</summary>
    public TextLanguage? Language { get; init; }

    /// <summary>Pixels a side: a multiple of 112.</summary>
    public int Side { get; init; } = Worlds.Rendering.WorldGeometry.BaseSide;
}
