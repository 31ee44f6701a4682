using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A question, with or without images.</summary>
/// <param name="Question">The text.</param>
public sealed record UnderstandRequest(string Question)
{
    /// <summary>Gets the images, which come before the text in this order.</summary>
    public IReadOnlyList<RgbImage> Images { get; init; } = [];

    /// <summary>
    /// Gets the largest number of pixels to which each image is reduced before it is encoded, or null for the model's default
    /// (officially 262,640).
    /// </summary>
    public int? MaxPixels { get; init; }

    /// <summary>Gets how the reply is generated.</summary>
    public ReplySettings Reply { get; init; } = new();
}
