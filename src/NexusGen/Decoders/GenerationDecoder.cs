using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>The generation decoder: the drawn embeddings, adapted, are FLUX's text context.</summary>
/// <param name="adapter">The adapter; taken over.</param>
/// <param name="transformer">The transformer; taken over.</param>
/// <param name="layout">What the transformer is told of the tokens' places.</param>
public sealed class GenerationDecoder(GenerationAdapter adapter, FluxTransformer transformer, TextIdLayout layout)
    : PictureDecoder(transformer, adapter.OutWidth)
{
    /// <summary>The adapter.</summary>
    public GenerationAdapter Adapter { get; } = adapter;

    /// <summary>The condition of a picture; a source is not looked at.</summary>
    /// <inheritdoc/>
    public override DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width)
    {
        using var scope = NewDisposeScope();
        if (layout == TextIdLayout.Grid)
        {
            CheckGrid("drawn picture", drawn, grid);
        }

        Placement placement = Transformer.Placement;
        Tensor context = Adapter.Forward(drawn.to(placement.Precision, placement.Device));
        Tensor ids = layout == TextIdLayout.Grid
            ? TextIds.Grid(grid, 0, height, width, placement.Device)
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
