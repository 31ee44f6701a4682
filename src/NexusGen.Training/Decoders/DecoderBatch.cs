using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>Samples of a decoder's training, together.</summary>
/// <param name="Targets">[batch, drawn embeddings, width].</param>
/// <param name="Source">[batch, source embeddings, width]; null where there is none.</param>
/// <param name="Images">[batch, 3, height, width], −1 to 1; null where latents are given.</param>
/// <param name="Latents">[batch, channels, height, width]; null where pictures are given.</param>
public sealed record DecoderBatch(Tensor Targets, Tensor? Source, Tensor? Images, Tensor? Latents) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Targets.Dispose();
        Source?.Dispose();
        Images?.Dispose();
        Latents?.Dispose();
    }
}
