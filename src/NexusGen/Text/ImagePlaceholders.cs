namespace NexusGen.Text;

/// <summary>
/// Expands the image placeholders of a prompt: the single <c>&lt;|image_pad|&gt;</c> that the chat template writes for an image
/// is repeated once for each embedding of the image. Follows <c>Qwen2_5_VLProcessor</c>, but requires that the numbers of
/// placeholders and images agree.
/// </summary>
internal static class ImagePlaceholders
{
    /// <summary>Returns the number of embeddings of an image, which is its number of tokens.</summary>
    /// <param name="frames">The number of patches along the time axis, 1 for an image.</param>
    /// <param name="height">The number of patches of 14 pixels along the height.</param>
    /// <param name="width">The number of patches of 14 pixels along the width.</param>
    /// <param name="mergeSize">The number of patches along each side that are merged into one embedding.</param>
    public static int TokenCount(int frames, int height, int width, int mergeSize = 2) =>
        checked(frames * height * width) / (mergeSize * mergeSize);

    /// <summary>Expands the placeholders of a text.</summary>
    /// <param name="text">A prompt with one <c>&lt;|image_pad|&gt;</c> for each image.</param>
    /// <param name="tokenCounts">The number of tokens of each image, in the order of the placeholders.</param>
    /// <exception cref="TokenizerException">The numbers of placeholders and images differ.</exception>
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

    /// <summary>Expands the placeholders of a tokenized prompt.</summary>
    /// <param name="ids">The ids of a prompt with one placeholder for each image.</param>
    /// <param name="imagePadId">The id of <c>&lt;|image_pad|&gt;</c>.</param>
    /// <param name="tokenCounts">The number of tokens of each image, in the order of the placeholders.</param>
    /// <exception cref="TokenizerException">The numbers of placeholders and images differ.</exception>
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
