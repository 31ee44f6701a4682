namespace NexusGen.Text;

/// <summary>The special tokens of the chat format, as text.</summary>
public static class SpecialTokens
{
    /// <summary>Opens a turn.</summary>
    public const string TurnStart = "<|im_start|>";

    /// <summary>Closes a turn; the end of a reply.</summary>
    public const string TurnEnd = "<|im_end|>";

    /// <summary>Pads a batch.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>Opens an image, one that is read or one that is drawn.</summary>
    public const string VisionStart = "<|vision_start|>";

    /// <summary>Closes an image.</summary>
    public const string VisionEnd = "<|vision_end|>";

    /// <summary>Holds the place of an image embedding.</summary>
    public const string ImagePad = "<|image_pad|>";

    /// <summary>A whole image in a prompt, before <see cref="ImagePlaceholders"/> makes room for it.</summary>
    public const string Image = VisionStart + ImagePad + VisionEnd;

    /// <summary>What stands for an image where people write and read: in instructions, data sets and replies.</summary>
    public const string ImageTag = "<image>";
}
