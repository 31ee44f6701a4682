using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A picture to turn into embeddings and back: the ceiling of what drawing can reach.</summary>
/// <param name="Image">The picture; scaled to cover a square and cropped as the decoders' training data is.</param>
public sealed record ReconstructRequest(RgbImage Image)
{
    /// <summary>Which decoder paints; the generation decoder unless the editing decoder is named, which sees the picture as its source too.</summary>
    public DecoderChoice Decoder { get; init; }

    /// <summary>How the picture is painted.</summary>
    public PictureSettings Picture { get; init; } = new();
}
