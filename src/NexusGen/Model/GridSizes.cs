using NexusGen.Imaging;

namespace NexusGen.Model;

/// <summary>The grids, in patches, of the images that language model and decoders exchange.</summary>
public sealed record GridSizes
{
    /// <summary>Gets the grid of a generated image, 18×18 patches (81 tokens) in the official model.</summary>
    public GridThw Drawn { get; init; } = new(1, 18, 18);

    /// <summary>
    /// Gets the grid of the source of an edit in the editing decoder, 36×36 patches (324 tokens) in the official model.
    /// </summary>
    public GridThw Source { get; init; } = new(1, 36, 36);

    /// <summary>Gets the grid to which the merger scales positions, 72×72 patches in the official model.</summary>
    public GridThw Base { get; init; } = new(1, 72, 72);
}
