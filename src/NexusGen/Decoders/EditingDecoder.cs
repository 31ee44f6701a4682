using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>The editing decoder: drawn and source embeddings, merged, are FLUX's text context, with their places as ids.</summary>
/// <param name="merger">The merger; taken over.</param>
/// <param name="transformer">The transformer; taken over.</param>
public sealed class EditingDecoder(EmbeddingMerger merger, FluxTransformer transformer) : PictureDecoder(transformer, merger.OutWidth)
{
    /// <summary>The merger.</summary>
    public EmbeddingMerger Merger { get; } = merger;

    /// <inheritdoc/>
    public override DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width)
    {
        using var scope = NewDisposeScope();
        CheckGrid("drawn picture", drawn, grid);
        if (source is not null)
        {
            CheckGrid("source", source, sourceGrid);
        }

        Placement placement = Transformer.Placement;
        Tensor context = Merger.Forward(
            drawn.to(placement.Precision, placement.Device), grid, source?.to(placement.Precision, placement.Device), sourceGrid);
        Tensor ids = TextIds.Grid(grid, 0, height, width, placement.Device);
        if (source is not null)
        {
            ids = cat([ids, TextIds.Grid(sourceGrid, 1, height, width, placement.Device)], 1);
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
