using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>The grids, in patches, of the pictures between language model and decoders.</summary>
public sealed record GridSizes
{
    /// <summary>A drawn picture; officially 18×18 patches, 81 tokens.</summary>
    public GridThw Drawn { get; init; } = new(1, 18, 18);

    /// <summary>The source of an edit as the editing decoder sees it; officially 36×36 patches, 324 tokens.</summary>
    public GridThw Source { get; init; } = new(1, 36, 36);

    /// <summary>The grid that the merger scales positions onto; officially 72×72.</summary>
    public GridThw Base { get; init; } = new(1, 72, 72);
}
