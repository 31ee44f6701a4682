using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>What a decoder is trained on: embeddings, and the picture that they are of.</summary>
/// <param name="Target">[drawn embeddings, width]: the picture's own, or what the language model predicts.</param>
/// <param name="Source">[source embeddings, width] of an edit; null where there is none.</param>
/// <param name="Image">The picture; null where its latents are given.</param>
/// <param name="Latents">[channels, height, width]; null where the picture is given.</param>
public sealed record DecoderSample(Tensor Target, Tensor? Source, RgbImage? Image, Tensor? Latents) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Target.Dispose();
        Source?.Dispose();
        Latents?.Dispose();
    }
}
