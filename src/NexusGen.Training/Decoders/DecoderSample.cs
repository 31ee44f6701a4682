using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>A sample to train a decoder on: embeddings and the image that they describe.</summary>
/// <param name="Target">
/// [target embeddings, width]: the vision encoder's for the image, or those that the language model predicts.
/// </param>
/// <param name="Source">[source embeddings, width] of an edit, or null for none.</param>
/// <param name="Image">The target image, or null if its latents are given.</param>
/// <param name="Latents">[channels, height, width] of the target image, or null if the image is given.</param>
internal sealed record DecoderSample(Tensor Target, Tensor? Source, RgbImage? Image, Tensor? Latents) : IDisposable
{
    /// <summary>Gets the weight of each latent in the loss, [1, height, width], or null for 1.</summary>
    public Tensor? Mask { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mask?.Dispose();
        Target.Dispose();
        Source?.Dispose();
        Latents?.Dispose();
    }
}
