namespace NexusGen.Text;

/// <summary>The special tokens of the chat format.</summary>
internal static class SpecialTokens
{
    /// <summary>Starts a turn.</summary>
    public const string TurnStart = "<|im_start|>";

    /// <summary>Ends a turn, and so a reply.</summary>
    public const string TurnEnd = "<|im_end|>";

    /// <summary>The padding token of a batch.</summary>
    public const string EndOfText = "<|endoftext|>";

    /// <summary>Starts an image, either an input or a generated one.</summary>
    public const string VisionStart = "<|vision_start|>";

    /// <summary>Ends an image.</summary>
    public const string VisionEnd = "<|vision_end|>";

    /// <summary>The placeholder of an image embedding.</summary>
    public const string ImagePad = "<|image_pad|>";

    /// <summary>An image in a prompt before <see cref="ImagePlaceholders"/> expands it.</summary>
    public const string Image = VisionStart + ImagePad + VisionEnd;

    /// <summary>The tag of an image in text for people: in instructions, datasets and replies.</summary>
    public const string ImageTag = "<image>";
}
