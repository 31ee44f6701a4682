using System.Text;

namespace NexusGen.Text;

/// <summary>
/// Turns the ids of a reply into text for a person, as <c>batch_decode_all2all</c> of the official processor does.
/// </summary>
public static class ReplyText
{
    /// <summary>
    /// The text with <c>&lt;image&gt;</c> where an image was drawn and without <c>&lt;|im_end|&gt;</c>; other special tokens
    /// stay.
    /// </summary>
    /// <param name="tokenizer">The tokenizer of the ids.</param>
    /// <param name="ids">A reply's ids.</param>
    public static string WithImageTags(QwenTokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return WithImageTags(tokenizer.Decode(ids));
    }

    /// <summary>The same for a reply that is decoded already, special tokens included.</summary>
    /// <param name="decoded">A reply's text.</param>
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

    /// <summary>The text without any special token, and so without a trace of its images.</summary>
    /// <param name="tokenizer">The tokenizer of the ids.</param>
    /// <param name="ids">A reply's ids.</param>
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
