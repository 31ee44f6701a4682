using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>A text as FLUX was trained on it.</summary>
/// <param name="Pooled">CLIP's pooled embedding, [1, width].</param>
/// <param name="Context">T5's states, [1, 512, width].</param>
public sealed record PromptEmbeddings(Tensor Pooled, Tensor Context) : IDisposable
{
    /// <summary>The text as a condition: its tokens have no places.</summary>
    /// <param name="placement">Device and precision.</param>
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
