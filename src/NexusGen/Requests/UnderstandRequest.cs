using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A question about pictures, or about nothing but its words.</summary>
/// <param name="Question">The text.</param>
public sealed record UnderstandRequest(string Question)
{
    /// <summary>The pictures, in order, before the text.</summary>
    public IReadOnlyList<RgbImage> Images { get; init; } = [];

    /// <summary>The largest number of pixels that the model reads of a picture; the model's default where null (officially 262,640).</summary>
    public int? MaxPixels { get; init; }

    /// <summary>How the reply is written.</summary>
    public ReplySettings Reply { get; init; } = new();
}
