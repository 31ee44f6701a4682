namespace NexusGen.Imaging;

/// <summary>
/// The resizing methods with which the official scripts fit images to the model. Pixels are resampled by <see cref="Resampler"/>,
/// so all results equal the official ones bit for bit.
/// </summary>
public static class ImageFitting
{
    /// <summary>
    /// The default maximum number of pixels of an image for the language model in the official scripts: 335 embeddings.
    /// </summary>
    public const long DefaultMaxPixels = 262_640;

    /// <summary>
    /// Resizes an image for the language model: sides that are multiples of 28, at most <paramref name="maxPixels"/>, bicubic
    /// (<c>bound_image</c> of the official scripts). The input of editing.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="maxPixels">The maximum number of pixels of the result.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    public static RgbImage BoundImage(RgbImage image, long maxPixels = DefaultMaxPixels) =>
        BoundImage(image, maxPixels, SmartResize.Factor);

    /// <summary>Resizes an image as <see cref="BoundImage(RgbImage, long)"/> does, for any model.</summary>
    /// <param name="image">The image.</param>
    /// <param name="maxPixels">
    /// The maximum number of pixels of the result, or null for that of an image as it is read; see <see cref="SmartResize"/>.
    /// </param>
    /// <param name="factor">The factor of both sides: the side of the area of one embedding in the model.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    internal static RgbImage BoundImage(RgbImage image, long? maxPixels, int factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        (int width, int height) = SmartResize.Fit(image.Width, image.Height, maxPixels, factor: factor);
        return Resampler.Resize(image, width, height, ResampleFilter.Bicubic);
    }

    /// <summary>
    /// Performs the first of the two resizes of the understanding task: sides that are multiples of 28, up to 12,845,056 pixels,
    /// bicubic (<c>fetch_image</c> of qwen_vl_utils). An image that was read from a file of mode RGBA is laid over white first.
    /// </summary>
    /// <param name="image">The image as it was read.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    public static RgbImage FetchImage(RgbImage image) => FetchImage(image, SmartResize.Factor);

    /// <summary>
    /// Resizes an image for the understanding task: twice, by <see cref="FetchImage(RgbImage)"/> and then by
    /// <see cref="BoundImage(RgbImage, long)"/>, as <c>image_understanding.py</c> does.
    /// </summary>
    /// <param name="image">The image as it was read.</param>
    /// <param name="maxPixels">The maximum number of pixels of the result.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    public static RgbImage ForUnderstanding(RgbImage image, long maxPixels = DefaultMaxPixels) =>
        ForUnderstanding(image, maxPixels, SmartResize.Factor);

    /// <summary>Resizes an image as <see cref="ForUnderstanding(RgbImage, long)"/> does, for any model.</summary>
    /// <param name="image">The image as it was read.</param>
    /// <param name="maxPixels">The maximum number of pixels of the result.</param>
    /// <param name="factor">The factor of both sides: the side of the area of one embedding in the model.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    internal static RgbImage ForUnderstanding(RgbImage image, long maxPixels, int factor) =>
        BoundImage(FetchImage(image, factor), maxPixels, factor);

    /// <summary>
    /// Scales an image to cover a size (bilinear, sides rounded half to even) and crops the center. Produces the images that the
    /// decoders are trained on (<c>embed_image_dataset.py</c>, <c>CenterCrop</c> of torchvision).
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="height">The height of the result.</param>
    /// <exception cref="ImagingException">The image is so narrow that the scaled image would be too large.</exception>
    public static RgbImage CoverCrop(RgbImage image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (int coverWidth, int coverHeight) = CoverSize(image, width, height);
        RgbImage cover = Resampler.Resize(image, coverWidth, coverHeight, ResampleFilter.Bilinear);
        int left = (int)Math.Round((cover.Width - width) / 2.0), top = (int)Math.Round((cover.Height - height) / 2.0);
        return cover.Crop(left, top, width, height);
    }

    /// <summary>Returns the size to which <see cref="CoverCrop"/> scales an image before it crops.</summary>
    /// <exception cref="ImagingException">The image is so narrow that the scaled image would be too large.</exception>
    internal static (int Width, int Height) CoverSize(RgbImage image, int width, int height)
    {
        double scale = Math.Max((double)width / image.Width, (double)height / image.Height);
        double coverWidth = Math.Round(image.Width * scale), coverHeight = Math.Round(image.Height * scale);
        if (coverWidth * coverHeight > ImageFile.MaxPixels)
        {
            throw new ImagingException(
                $"The image of {image} is too narrow for {width}×{height}: it would be scaled to {coverWidth}×{coverHeight}.");
        }

        return ((int)coverWidth, (int)coverHeight);
    }

    /// <summary>
    /// Scales an image to fit into a size (bicubic) and centers it. The margins repeat the pixels of its border.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="height">The height of the result.</param>
    internal static RgbImage Contain(RgbImage image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        double scale = Math.Min((double)width / image.Width, (double)height / image.Height);
        int innerWidth = Math.Clamp((int)Math.Round(image.Width * scale), 1, width);
        int innerHeight = Math.Clamp((int)Math.Round(image.Height * scale), 1, height);
        RgbImage inner = Resampler.Resize(image, innerWidth, innerHeight, ResampleFilter.Bicubic);
        int left = (width - innerWidth) / 2, top = (height - innerHeight) / 2;
        byte[] pixels = new byte[RgbImage.Channels * width * height];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = inner.Row(Math.Clamp(y - top, 0, innerHeight - 1));
            Span<byte> target = pixels.AsSpan(RgbImage.Channels * y * width, RgbImage.Channels * width);
            row.CopyTo(target[(RgbImage.Channels * left)..]);
            Repeat(row[..RgbImage.Channels], target[..(RgbImage.Channels * left)]);
            Repeat(row[^RgbImage.Channels..], target[(RgbImage.Channels * (left + innerWidth))..]);
        }

        return RgbImage.FromBytes(pixels, width, height);
    }

    private static void Repeat(ReadOnlySpan<byte> pixel, Span<byte> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = pixel[i % RgbImage.Channels];
        }
    }

    private static RgbImage FetchImage(RgbImage image, int factor) =>
        BoundImage((image ?? throw new ArgumentNullException(nameof(image))).OverWhite(), null, factor);
}
