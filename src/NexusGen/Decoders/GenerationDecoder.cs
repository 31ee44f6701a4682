using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>The generation decoder: the projected embeddings of the image to generate are the text context of FLUX.</summary>
/// <param name="adapter">The adapter. The decoder takes ownership.</param>
/// <param name="transformer">The transformer. The decoder takes ownership.</param>
/// <param name="layout">The text ids of the context tokens.</param>
/// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
internal sealed class GenerationDecoder(GenerationAdapter adapter, FluxTransformer transformer, TextIdLayout layout, int merge)
    : DiffusionDecoder(transformer, adapter.OutWidth, merge)
{
    /// <summary>Gets the adapter.</summary>
    public GenerationAdapter Adapter { get; } = adapter;

    /// <summary>Creates the condition of an image. The source is ignored.</summary>
    /// <inheritdoc/>
    public override DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width)
    {
        using var scope = NewDisposeScope();
        if (layout == TextIdLayout.Grid)
        {
            CheckGrid("generated image", drawn, grid);
        }

        Placement placement = Transformer.Placement;
        Tensor context = Adapter.Forward(drawn.to(placement.Precision, placement.Device));
        Tensor ids = layout == TextIdLayout.Grid
            ? TextIds.Grid(grid, Merge, 0, height, width, placement.Device)
            : TextIds.Zeros(context.shape[1], placement.Device);
        return new DiffusionCondition(context, pooled.to(placement.Precision, placement.Device).clone(), ids).MoveToOuterScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Adapter.Dispose();
        base.Dispose(disposing);
    }
}
