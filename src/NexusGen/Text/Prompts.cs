using NexusGen.Core;

namespace NexusGen.Text;

/// <summary>
/// The user messages of the three tasks, worded as in the official scripts <c>image_generation.py</c>, <c>image_editing.py</c>
/// and <c>image_understanding.py</c>. The model was trained on these wordings.
/// </summary>
internal static class Prompts
{
    /// <summary>Creates a message that asks for a generated image.</summary>
    /// <param name="description">The description of the image.</param>
    /// <param name="language">
    /// The language of the instruction around the description. It should be the language of the description.
    /// </param>
    public static ChatMessage Generate(string description, Language language = Language.English)
    {
        ArgumentNullException.ThrowIfNull(description);
        return ChatMessage.User(language switch
        {
            Language.English => "Generate an image according to the following description: " + description,
            Language.Chinese => "根据以下描述生成一张图像：" + description,
            _ => throw new ArgumentOutOfRangeException(nameof(language), language, "There is no prompt in this language."),
        });
    }

    /// <summary>Creates a message that asks for an edit of an image.</summary>
    /// <param name="instruction">
    /// The edit instruction. <c>&lt;image&gt;</c> tags mark the positions of the images. Without a tag, the image comes first,
    /// followed by a space.
    /// </param>
    public static ChatMessage Edit(string instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        bool marked = instruction.Contains(SpecialTokens.ImageTag, StringComparison.Ordinal);
        return ChatMessage.User(ParseImageTags(marked ? instruction : SpecialTokens.ImageTag + " " + instruction));
    }

    /// <summary>Creates a message that asks about an image: the image, then the text, without a space in between.</summary>
    /// <param name="instruction">A question or a request.</param>
    public static ChatMessage Understand(string instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        return ChatMessage.User(new ImagePart(), instruction);
    }

    /// <summary>Splits a text at its <c>&lt;image&gt;</c> tags into image parts and non-empty text parts.</summary>
    /// <param name="text">A text in the notation of datasets.</param>
    public static IReadOnlyList<ContentPart> ParseImageTags(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<ContentPart> parts = [];
        foreach (string stretch in text.Split(SpecialTokens.ImageTag))
        {
            if (stretch.Length > 0)
            {
                parts.Add(stretch);
            }

            parts.Add(new ImagePart());
        }

        parts.RemoveAt(parts.Count - 1);
        return parts;
    }
}
