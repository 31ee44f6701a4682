using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>
/// A request to encode an image into embeddings and to decode them again. The result is the upper bound of the quality of
/// generation.
/// </summary>
/// <param name="Image">
/// The image. It is scaled to cover the size of a generated image and cropped, as in the training of the decoders.
/// </param>
public sealed record ReconstructRequest(RgbImage Image)
{
    /// <summary>
    /// Gets the decoder: the generation decoder unless it is <see cref="DecoderChoice.Editing"/>, which also receives the image
    /// as its source.
    /// </summary>
    public DecoderChoice Decoder { get; init; }

    /// <summary>Gets how the image is decoded. <see cref="ImageSettings.Count"/> is ignored: one image is decoded.</summary>
    public ImageSettings Settings { get; init; } = new();
}
