using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A picture to change as the instruction says.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Instruction">What to change. <c>&lt;image&gt;</c> marks the picture's place in it; before the text where it is missing.</param>
public sealed record EditRequest(RgbImage Image, string Instruction)
{
    /// <summary>Which decoder paints; the editing decoder unless the generation decoder is named.</summary>
    public DecoderChoice Decoder { get; init; }

    /// <summary>The largest number of pixels that the model reads of the picture; the model's default where null (officially 262,640).</summary>
    public int? MaxPixels { get; init; }

    /// <summary>How the reply is written.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>How its pictures are painted.</summary>
    public PictureSettings Picture { get; init; } = new();
}
