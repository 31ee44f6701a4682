using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>
/// A decoder: converts image embeddings to a condition, and contains the transformer that generates images under it.
/// </summary>
internal abstract class DiffusionDecoder : IDisposable
{
    /// <summary>Initializes a decoder with its transformer.</summary>
    /// <param name="transformer">The transformer. The decoder takes ownership.</param>
    /// <param name="contextWidth">The width of the context of the conditions.</param>
    /// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
    /// <exception cref="NexusGenException">The transformer takes a context of another width.</exception>
    protected DiffusionDecoder(FluxTransformer transformer, long contextWidth, int merge)
    {
        Transformer = transformer;
        Merge = merge;
        if (contextWidth != transformer.Configuration.ContextInDim)
        {
            throw new NexusGenException(
                $"The transformer takes a context of width {transformer.Configuration.ContextInDim} (flux.context_in_dim of "
                + $"nexus-gen.json), but the decoder has the width {contextWidth} (out_channel).");
        }
    }

    /// <summary>Gets the transformer.</summary>
    public FluxTransformer Transformer { get; }

    /// <summary>Gets the side of the square of patches that are merged into one embedding.</summary>
    protected int Merge { get; }

    /// <summary>Creates the condition of an image.</summary>
    /// <param name="drawn">[batch, tokens, width]: the embeddings of the image to generate.</param>
    /// <param name="grid">Its grid in patches.</param>
    /// <param name="source">[batch, tokens, width]: the embeddings of the image to edit, or null for none.</param>
    /// <param name="sourceGrid">Its grid in patches.</param>
    /// <param name="pooled">[1, width]: the pooled CLIP embedding of the empty prompt.</param>
    /// <param name="height">The height of the latents.</param>
    /// <param name="width">The width of the latents.</param>
    /// <returns>The condition. The caller owns it and must dispose it.</returns>
    /// <exception cref="NexusGenException">The number of embeddings doesn't match the grid.</exception>
    public abstract DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width);

    /// <summary>Checks that the number of embeddings matches their grid.</summary>
    /// <param name="name">The name of the image in the error message.</param>
    /// <param name="embeddings">[batch, tokens, width].</param>
    /// <param name="grid">The grid in patches.</param>
    /// <exception cref="NexusGenException">The number of embeddings doesn't match the grid.</exception>
    protected void CheckGrid(string name, Tensor embeddings, GridThw grid)
    {
        if (embeddings.shape[1] != grid.Tokens(Merge))
        {
            throw new NexusGenException(
                $"The {name} has {embeddings.shape[1]} embeddings, "
                + $"but its grid of {grid} patches has {grid.Tokens(Merge)}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the weights.</summary>
    /// <param name="disposing">true if called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing) => Transformer.Dispose();
}
