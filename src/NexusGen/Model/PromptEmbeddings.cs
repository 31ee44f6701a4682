using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>The embeddings of a text with which FLUX was trained.</summary>
/// <param name="Pooled">The pooled CLIP embedding, [1, width].</param>
/// <param name="Context">The T5 states, [1, tokens, width]; 512 tokens unless a model without text encoders ships fewer.</param>
internal sealed record PromptEmbeddings(Tensor Pooled, Tensor Context) : IDisposable
{
    /// <summary>Creates a condition from the text. Its tokens have no positions.</summary>
    /// <param name="placement">The device and precision.</param>
    public DiffusionCondition ToCondition(Placement placement) => new(
        Context.to(placement.Precision, placement.Device).clone(),
        Pooled.to(placement.Precision, placement.Device).clone(),
        TextIds.Zeros(Context.shape[1], placement.Device));

    /// <inheritdoc/>
    public void Dispose()
    {
        Pooled.Dispose();
        Context.Dispose();
    }
}
