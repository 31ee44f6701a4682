using System.Text;

namespace NexusGen.Text;

/// <summary>
/// Converts the ids of a reply into text for display, as <c>batch_decode_all2all</c> of the official processor does.
/// </summary>
internal static class ReplyText
{
    /// <summary>
    /// Returns the text with each generated image as <c>&lt;image&gt;</c> and without <c>&lt;|im_end|&gt;</c>. Other special
    /// tokens are kept.
    /// </summary>
    /// <param name="tokenizer">The tokenizer of the ids.</param>
    /// <param name="ids">The ids of a reply.</param>
    public static string WithImageTags(QwenTokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return WithImageTags(tokenizer.Decode(ids));
    }

    /// <summary>Does the same for a reply that is already decoded, special tokens included.</summary>
    /// <param name="decoded">The text of a reply.</param>
    public static string WithImageTags(string decoded)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        StringBuilder result = new(decoded.Length);
        int position = 0;
        while (NextImage(decoded, position) is var (start, end) && start >= 0)
        {
            result.Append(decoded, position, start - position).Append(SpecialTokens.ImageTag);
            position = end;
        }

        return result.Append(decoded, position, decoded.Length - position).Replace(SpecialTokens.TurnEnd, "").ToString();
    }

    /// <summary>Returns the text without any special tokens, so without a trace of the images.</summary>
    /// <param name="tokenizer">The tokenizer of the ids.</param>
    /// <param name="ids">The ids of a reply.</param>
    public static string Plain(QwenTokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Decode(ids, skipSpecialTokens: true);
    }

    private static (int Start, int End) NextImage(string text, int position)
    {
        int start = text.IndexOf(SpecialTokens.VisionStart, position, StringComparison.Ordinal);
        int end = start < 0 ? -1 : text.IndexOf(SpecialTokens.VisionEnd, start, StringComparison.Ordinal);
        return end < 0 ? (-1, -1) : (start, end + SpecialTokens.VisionEnd.Length);
    }
}
