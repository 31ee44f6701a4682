using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A generated image, with everything that is needed to decode it again.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Index">
/// The index in the reply, from 0. Images that were decoded from the same embeddings have the same index.
/// </param>
/// <param name="Embeddings">The image embeddings that it was decoded from.</param>
/// <param name="Decoder">The decoder that decoded it.</param>
/// <param name="Settings">The settings in effect, including defaults; the seed is that of this image.</param>
/// <param name="ComputedSteps">
/// The number of steps that were computed; smaller than the number of all steps if TeaCache reused some.
/// </param>
public sealed record OutputImage(
    RgbImage Image,
    int Index,
    ImageEmbeddings Embeddings,
    DecoderChoice Decoder,
    ImageSettings Settings,
    int ComputedSteps)
{
    /// <summary>
    /// Gets the size that the model generated. It differs from that of <see cref="Image"/> if the model does not generate the
    /// requested size and the image was resized.
    /// </summary>
    public PixelSize GeneratedSize => new(Generated.Width, Generated.Height);

    /// <summary>Gets the image as the model generated it, which is what a later turn of a conversation edits.</summary>
    internal RgbImage Generated { get; init; } = Image;

    internal bool IsResized => GeneratedSize != new PixelSize(Image.Width, Image.Height);
}
