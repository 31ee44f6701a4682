using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A request to edit an image as an instruction says.</summary>
/// <param name="Image">The image.</param>
/// <param name="Instruction">
/// What to change. <c>&lt;image&gt;</c> marks the position of the image; without the mark, the image comes before the text.
/// </param>
public sealed record EditRequest(RgbImage Image, string Instruction)
{
    /// <summary>
    /// Gets the decoder of the generated image: the editing decoder unless it is <see cref="DecoderChoice.Generation"/>.
    /// </summary>
    public DecoderChoice Decoder { get; init; }

    /// <summary>
    /// Gets the largest number of pixels to which the image is reduced before it is encoded, or null for the model's default
    /// (officially 262,640).
    /// </summary>
    public int? MaxPixels { get; init; }

    /// <summary>Gets how the reply is generated.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>Gets how the images of the reply are decoded.</summary>
    public ImageSettings Settings { get; init; } = new();
}
