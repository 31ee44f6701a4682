using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A turn of the user.</summary>
/// <param name="Text">What is said. <c>&lt;image&gt;</c> marks where pictures stand; before the text where there is no mark.</param>
public sealed record ChatInput(string Text)
{
    /// <summary>Pictures that the turn brings.</summary>
    public IReadOnlyList<RgbImage> Images { get; init; } = [];

    /// <summary>Brings the last picture that the model drew, to be looked at or edited; after <see cref="Images"/>.</summary>
    public bool SelectLastPicture { get; init; }

    /// <summary>Which decoder paints; the editing decoder for a turn with pictures (its source is the last one), else the generation decoder.</summary>
    public DecoderChoice Decoder { get; init; }

    /// <summary>The largest number of pixels that the model reads of a picture; the model's default where null.</summary>
    public int? MaxPixels { get; init; }

    /// <summary>How the reply is written.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>How its pictures are painted.</summary>
    public PictureSettings Picture { get; init; } = new();
}
