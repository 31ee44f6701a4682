using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>A decoder: what turns image embeddings into a condition, and the transformer that paints under it.</summary>
public abstract class PictureDecoder : IDisposable
{
    /// <summary>A decoder around its transformer.</summary>
    /// <param name="transformer">The transformer; taken over.</param>
    /// <param name="contextWidth">Width of the conditions' context.</param>
    /// <exception cref="NexusGenException">The transformer takes a context of another width.</exception>
    protected PictureDecoder(FluxTransformer transformer, long contextWidth)
    {
        Transformer = transformer;
        if (contextWidth != transformer.Configuration.ContextInDim)
        {
            throw new NexusGenException(
                $"The transformer takes a context {transformer.Configuration.ContextInDim} wide (flux.context_in_dim of nexus-gen.json), but the decoder makes "
                + $"one {contextWidth} wide (out_channel).");
        }
    }

    /// <summary>The transformer.</summary>
    public FluxTransformer Transformer { get; }

    /// <summary>The condition of a picture.</summary>
    /// <param name="drawn">[batch, tokens, width]: what to paint.</param>
    /// <param name="grid">Its grid in patches.</param>
    /// <param name="source">[batch, tokens, width]: the picture that is edited; null for none.</param>
    /// <param name="sourceGrid">Its grid in patches.</param>
    /// <param name="pooled">[1, width]: CLIP's pooled embedding of the empty prompt.</param>
    /// <param name="height">Height of the latents.</param>
    /// <param name="width">Width of the latents.</param>
    /// <returns>The condition, which is the caller's.</returns>
    /// <exception cref="NexusGenException">Embeddings are not as many as their grid has.</exception>
    public abstract DiffusionCondition Condition(
        Tensor drawn, GridThw grid, Tensor? source, GridThw sourceGrid, Tensor pooled, long height, long width);

    /// <summary>Checks that there are as many embeddings as their grid has.</summary>
    /// <param name="name">What they are of.</param>
    /// <param name="embeddings">[batch, tokens, width].</param>
    /// <param name="grid">Their grid in patches.</param>
    /// <exception cref="NexusGenException">There are not.</exception>
    protected static void CheckGrid(string name, Tensor embeddings, GridThw grid)
    {
        if (embeddings.shape[1] != grid.Tokens())
        {
            throw new NexusGenException($"The {name} has {embeddings.shape[1]} embeddings, but its grid of {grid} patches has {grid.Tokens()}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the weights.</summary>
    /// <param name="disposing">True where it comes from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing) => Transformer.Dispose();
}
