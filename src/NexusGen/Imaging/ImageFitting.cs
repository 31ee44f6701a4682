namespace NexusGen.Imaging;

/// <summary>
/// The ways in which the official scripts fit a picture to the model. Pixels are resampled by <see cref="Resampler"/>, so all
/// results equal theirs bit for bit.
/// </summary>
public static class ImageFitting
{
    /// <summary>Most pixels of a picture that the language model reads, of the official scripts: 335 embeddings.</summary>
    public const long DefaultMaxPixels = 262_640;

    /// <summary>
    /// Bounds a picture for the language model: sides multiples of 28, at most <paramref name="maxPixels"/>, bicubic
    /// (<c>bound_image</c> of the official scripts). What editing reads.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="maxPixels">Most pixels of the result.</param>
    /// <exception cref="ImagingException">The picture is too narrow, see <see cref="SmartResize"/>.</exception>
    public static RgbImage BoundImage(RgbImage image, long maxPixels = DefaultMaxPixels)
    {
        ArgumentNullException.ThrowIfNull(image);
        (int width, int height) = SmartResize.Fit(image.Width, image.Height, maxPixels);
        return Resampler.Resize(image, width, height, ResampleFilter.Bicubic);
    }

    /// <summary>
    /// The first of the two resizings of understanding: to multiples of 28, up to 12,845,056 pixels, bicubic
    /// (<c>fetch_image</c> of qwen_vl_utils).
    /// </summary>
    /// <param name="image">The picture as it was read.</param>
    /// <exception cref="ImagingException">The picture is too narrow, see <see cref="SmartResize"/>.</exception>
    public static RgbImage FetchImage(RgbImage image) => BoundImage(image, SmartResize.MaxPixels);

    /// <summary>
    /// What understanding reads: the picture resized twice, by <see cref="FetchImage"/> and then by <see cref="BoundImage"/>,
    /// as <c>image_understanding.py</c> does.
    /// </summary>
    /// <param name="image">The picture as it was read.</param>
    /// <param name="maxPixels">Most pixels of the result.</param>
    /// <exception cref="ImagingException">The picture is too narrow, see <see cref="SmartResize"/>.</exception>
    public static RgbImage ForUnderstanding(RgbImage image, long maxPixels = DefaultMaxPixels) =>
        BoundImage(FetchImage(image), maxPixels);

    /// <summary>
    /// Scales a picture to cover the size (bilinear, sides rounded half to even) and cuts out the centre: the pictures that the
    /// decoders are trained on (<c>embed_image_dataset.py</c>, torchvision's <c>CenterCrop</c>).
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <exception cref="ImagingException">The picture is so narrow that the scaled one would be too large.</exception>
    public static RgbImage CoverCrop(RgbImage image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        double scale = Math.Max((double)width / image.Width, (double)height / image.Height);
        double coverWidth = Math.Round(image.Width * scale), coverHeight = Math.Round(image.Height * scale);
        if (coverWidth * coverHeight > ImageFile.MaxPixels)
        {
            throw new ImagingException(
                $"The picture of {image} is too narrow for {width}×{height}: it would be scaled to {coverWidth}×{coverHeight}.");
        }

        RgbImage cover = Resampler.Resize(image, (int)coverWidth, (int)coverHeight, ResampleFilter.Bilinear);
        int left = (int)Math.Round((cover.Width - width) / 2.0), top = (int)Math.Round((cover.Height - height) / 2.0);
        return cover.Crop(left, top, width, height);
    }
}
