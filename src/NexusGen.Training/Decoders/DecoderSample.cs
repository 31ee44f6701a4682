using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>What a decoder is trained on: embeddings, and the picture that they are of.</summary>
/// <param name="Drawn">[drawn embeddings, width]: the picture's own, or what the language model predicts.</param>
/// <param name="Source">[source embeddings, width] of an edit; null where there is none.</param>
/// <param name="Picture">The picture; null where its latents are given.</param>
/// <param name="Latents">[channels, height, width]; null where the picture is given.</param>
public sealed record DecoderSample(Tensor Drawn, Tensor? Source, RgbImage? Picture, Tensor? Latents) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Drawn.Dispose();
        Source?.Dispose();
        Latents?.Dispose();
    }
}
