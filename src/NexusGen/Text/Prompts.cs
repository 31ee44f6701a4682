using NexusGen.Core;

namespace NexusGen.Text;

/// <summary>
/// The user's turn of each of the three tasks, as the official scripts <c>image_generation.py</c>, <c>image_editing.py</c> and
/// <c>image_understanding.py</c> word it. The model was trained on these wordings.
/// </summary>
public static class Prompts
{
    /// <summary>Asks for an image.</summary>
    /// <param name="description">What it should show.</param>
    /// <param name="language">The language of the words around the description, which should be the description's own.</param>
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

    /// <summary>Asks for a change of an image.</summary>
    /// <param name="instruction">
    /// What to change. It may say where each image stands with <c>&lt;image&gt;</c>; otherwise the image comes first, and a
    /// space.
    /// </param>
    public static ChatMessage Edit(string instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        bool marked = instruction.Contains(SpecialTokens.ImageTag, StringComparison.Ordinal);
        return ChatMessage.User(ParseImageTags(marked ? instruction : SpecialTokens.ImageTag + " " + instruction));
    }

    /// <summary>Asks about an image: the image, then the words, without a space.</summary>
    /// <param name="instruction">A question or a request.</param>
    public static ChatMessage Understand(string instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        return ChatMessage.User(new ImagePart(), instruction);
    }

    /// <summary>A text cut at its <c>&lt;image&gt;</c> tags: text parts, never empty, and image parts.</summary>
    /// <param name="text">A text as data sets write it.</param>
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
