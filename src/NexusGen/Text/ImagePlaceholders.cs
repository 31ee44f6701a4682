namespace NexusGen.Text;

/// <summary>
/// Makes room for images in a prompt: the single <c>&lt;|image_pad|&gt;</c> that the chat template writes for an image is
/// repeated once for each of the image's embeddings. Follows <c>Qwen2_5_VLProcessor</c>, but wants the numbers of markers and
/// images to agree.
/// </summary>
public static class ImagePlaceholders
{
    /// <summary>The number of embeddings, and so of tokens, of an image.</summary>
    /// <param name="frames">The grid's length in time, in patches: 1 for a picture.</param>
    /// <param name="height">The grid's height in patches of 14 pixels.</param>
    /// <param name="width">The grid's width in patches of 14 pixels.</param>
    /// <param name="mergeSize">How many patches, along each side, become one embedding.</param>
    public static int TokenCount(int frames, int height, int width, int mergeSize = 2) =>
        checked(frames * height * width) / (mergeSize * mergeSize);

    /// <summary>Repeats the placeholders of a text.</summary>
    /// <param name="text">A prompt with one <c>&lt;|image_pad|&gt;</c> for each image.</param>
    /// <param name="tokenCounts">The images' numbers of tokens, in the order of the markers.</param>
    /// <exception cref="TokenizerException">There are more or fewer markers than images.</exception>
    public static string Expand(string text, IReadOnlyList<int> tokenCounts)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(SpecialTokens.ImagePad);
        CheckCounts(parts.Length - 1, tokenCounts);
        System.Text.StringBuilder result = new(parts[0]);
        for (int i = 0; i < tokenCounts.Count; i++)
        {
            result.Insert(result.Length, SpecialTokens.ImagePad, tokenCounts[i]).Append(parts[i + 1]);
        }

        return result.ToString();
    }

    /// <summary>Repeats the placeholders of a prompt's ids.</summary>
    /// <param name="ids">A prompt with one placeholder for each image.</param>
    /// <param name="imagePadId">The id of <c>&lt;|image_pad|&gt;</c>.</param>
    /// <param name="tokenCounts">The images' numbers of tokens, in the order of the placeholders.</param>
    /// <exception cref="TokenizerException">There are more or fewer placeholders than images.</exception>
    public static int[] Expand(ReadOnlySpan<int> ids, int imagePadId, IReadOnlyList<int> tokenCounts)
    {
        int markers = ids.Count(imagePadId);
        CheckCounts(markers, tokenCounts);
        int[] result = new int[ids.Length - markers + tokenCounts.Sum()];
        int length = 0;
        int image = 0;
        foreach (int id in ids)
        {
            int count = id == imagePadId ? tokenCounts[image++] : 1;
            result.AsSpan(length, count).Fill(id);
            length += count;
        }

        return result;
    }

    private static void CheckCounts(int markers, IReadOnlyList<int> tokenCounts)
    {
        ArgumentNullException.ThrowIfNull(tokenCounts);
        if (markers != tokenCounts.Count)
        {
            throw new TokenizerException(
                $"The prompt marks {markers} image(s), but {tokenCounts.Count} image(s) are given: "
                + "there must be one image for each marker.");
        }

        foreach (int count in tokenCounts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(tokenCounts));
        }
    }
}
