namespace NexusGen.Imaging;

/// <summary>
/// Computes the size of an image for the vision encoder: <c>smart_resize</c> of qwen_vl_utils, with the rounding of Python (half
/// to even) and the same order of floating-point operations.
/// </summary>
internal static class SmartResize
{
    /// <summary>The factor of both sides in every published model: two merged patches of 14 pixels.</summary>
    public const int Factor = 28;

    private const long MinEmbeddings = 4, MaxEmbeddings = 16384;

    /// <summary>The maximum ratio of the longer side to the shorter side.</summary>
    public const int MaxRatio = 200;

    /// <summary>
    /// Returns the size closest to the specified one with both sides multiples of <paramref name="factor"/>, about the same
    /// aspect ratio, and a number of pixels within the limits.
    /// </summary>
    /// <param name="width">The width of the image in pixels.</param>
    /// <param name="height">The height of the image in pixels.</param>
    /// <param name="maxPixels">
    /// The maximum number of pixels of the result, or null for that of an image as it is read, 16,384 embeddings.
    /// </param>
    /// <param name="minPixels">The minimum number of pixels of the result, or null for 4 embeddings.</param>
    /// <param name="factor">The factor of both sides of the result: the side of the area of one embedding.</param>
    /// <exception cref="ImagingException">
    /// One side is more than 200 times as long as the other, or the image is so narrow that a side would become 0.
    /// </exception>
    public static (int Width, int Height) Fit(
        int width, int height, long? maxPixels = null, long? minPixels = null, int factor = Factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        long area = (long)factor * factor;
        long most = maxPixels ?? (MaxEmbeddings * area), least = minPixels ?? (MinEmbeddings * area);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(maxPixels));
        ArgumentOutOfRangeException.ThrowIfLessThan(least, 1, nameof(minPixels));
        if ((double)Math.Max(width, height) / Math.Min(width, height) > MaxRatio)
        {
            throw new ImagingException(
                $"The image of {width}×{height} is too narrow: a side may be at most {MaxRatio} times the other; crop it.");
        }

        double fitWidth = Math.Max(1, Math.Round((double)width / factor)) * factor;
        double fitHeight = Math.Max(1, Math.Round((double)height / factor)) * factor;
        if (fitWidth * fitHeight > most)
        {
            double shrink = Math.Sqrt((double)((long)width * height) / most);
            fitWidth = Math.Floor(width / shrink / factor) * factor;
            fitHeight = Math.Floor(height / shrink / factor) * factor;
        }
        else if (fitWidth * fitHeight < least)
        {
            double grow = Math.Sqrt((double)least / ((long)width * height));
            fitWidth = Math.Ceiling(width * grow / factor) * factor;
            fitHeight = Math.Ceiling(height * grow / factor) * factor;
        }

        if (fitWidth < 1 || fitHeight < 1)
        {
            throw new ImagingException(
                $"The image of {width}×{height} is too narrow for {most} pixels: a side would be 0; crop it.");
        }

        return (checked((int)fitWidth), checked((int)fitHeight));
    }
}
