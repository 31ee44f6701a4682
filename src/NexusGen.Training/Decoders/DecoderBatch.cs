using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>Samples of a decoder's training, together.</summary>
/// <param name="Drawn">[batch, drawn embeddings, width].</param>
/// <param name="Source">[batch, source embeddings, width]; null where there is none.</param>
/// <param name="Pictures">[batch, 3, height, width], −1 to 1; null where latents are given.</param>
/// <param name="Latents">[batch, channels, height, width]; null where pictures are given.</param>
public sealed record DecoderBatch(Tensor Drawn, Tensor? Source, Tensor? Pictures, Tensor? Latents) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Drawn.Dispose();
        Source?.Dispose();
        Pictures?.Dispose();
        Latents?.Dispose();
    }
}
