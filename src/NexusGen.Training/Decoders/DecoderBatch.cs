using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>A batch of samples to train a decoder on.</summary>
/// <param name="Targets">[batch, target embeddings, width].</param>
/// <param name="Source">[batch, source embeddings, width], or null if there are none.</param>
/// <param name="Images">[batch, 3, height, width], −1 to 1; null if the batch has latents.</param>
/// <param name="Latents">[batch, channels, height, width]; null if the batch has images.</param>
internal sealed record DecoderBatch(Tensor Targets, Tensor? Source, Tensor? Images, Tensor? Latents) : IDisposable
{
    /// <summary>Gets the weight of each latent in the loss, [batch, 1, height, width], or null for 1.</summary>
    public Tensor? Mask { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mask?.Dispose();
        Targets.Dispose();
        Source?.Dispose();
        Images?.Dispose();
        Latents?.Dispose();
    }
}
