using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>
/// The editing decoder: the merged embeddings of the image to generate and of the source are the text context of FLUX, with their
/// positions as text ids.
/// </summary>
/// <param name="merger">The merger. The decoder takes ownership.</param>
/// <param name="transformer">The transformer. The decoder takes ownership.</param>
internal sealed class EditingDecoder(EmbeddingMerger merger, FluxTransformer transformer)
    : DiffusionDecoder(transformer, merger.OutWidth, merger.Merge)
{
    /// <summary>Gets the merger.</summary>
    public EmbeddingMerger Merger { get; } = merger;

    /// <inheritdoc/>
    public override DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width)
    {
        using var scope = NewDisposeScope();
        CheckGrid("generated image", drawn, grid);
        if (source is not null)
        {
            CheckGrid("source image", source, sourceGrid);
        }

        Placement placement = Transformer.Placement;
        Tensor context = Merger.Forward(
            drawn.to(placement.Precision, placement.Device), grid, source?.to(placement.Precision, placement.Device), sourceGrid);
        Tensor ids = TextIds.Grid(grid, Merge, 0, height, width, placement.Device);
        if (source is not null)
        {
            ids = cat([ids, TextIds.Grid(sourceGrid, Merge, 1, height, width, placement.Device)], 1);
        }

        return new DiffusionCondition(context, pooled.to(placement.Precision, placement.Device).clone(), ids).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Merger.Dispose();
        base.Dispose(disposing);
    }
}
