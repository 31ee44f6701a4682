using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace NexusGen.Imaging;

/// <summary>
/// Converts images to the patches that the vision encoder takes, like <c>Qwen2VLImageProcessor</c> of transformers 4.49. The
/// values of a patch are ordered by channel, frame (two identical ones), row and column. Patches are ordered by merge × merge
/// blocks, so the patches that are merged into one embedding are adjacent. All values equal the official ones bit for bit: the
/// pixel value times the rescale factor in double precision, then mean and standard deviation in float32. Thread-safe.
/// </summary>
internal sealed class ImageProcessor
{
    private const int Levels = 256;

    // Each of the three channels has 256 pixel values, so there are only 768 possible results.
    private readonly float[] _values;

    /// <summary>Initializes a processor with the specified settings.</summary>
    /// <param name="config">The settings.</param>
    /// <exception cref="ImagingException">A setting is out of range.</exception>
    public ImageProcessor(ImageProcessorConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Check();
        Config = config;
        _values = new float[RgbImage.Channels * Levels];
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            float mean = (float)config.ImageMean[channel], deviation = (float)config.ImageStd[channel];
            for (int level = 0; level < Levels; level++)
            {
                float value = config.DoRescale ? (float)(level * config.RescaleFactor) : level;
                _values[(channel * Levels) + level] = config.DoNormalize ? (value - mean) / deviation : value;
            }
        }
    }

    /// <summary>Gets the settings.</summary>
    public ImageProcessorConfig Config { get; }

    /// <summary>Loads the processor of a model folder.</summary>
    /// <param name="folder">The folder with <c>preprocessor_config.json</c>.</param>
    /// <exception cref="ImagingException">The file is missing or invalid.</exception>
    public static ImageProcessor Load(string folder) => new(ImageProcessorConfig.Load(folder));

    /// <summary>
    /// Returns the size to which an image is resized: multiples of patch × merge, within the limits of the settings.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    public (int Width, int Height) SizeOf(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return SmartResize.Fit(image.Width, image.Height, Config.MaxPixels, Config.MinPixels, Config.Factor);
    }

    /// <summary>Returns the size that an image has after the resizing that the settings ask for.</summary>
    /// <param name="width">The width of the image.</param>
    /// <param name="height">The height of the image.</param>
    /// <exception cref="ImagingException">The image is too narrow; see <see cref="SmartResize"/>.</exception>
    internal (int Width, int Height) FittedSize(int width, int height) => Config.DoResize
        ? SmartResize.Fit(width, height, Config.MaxPixels, Config.MinPixels, Config.Factor)
        : (width, height);

    /// <summary>Converts one image to patches; see <see cref="Process(IReadOnlyList{RgbImage}, bool?)"/>.</summary>
    /// <param name="image">The image.</param>
    /// <param name="resize">Whether to resize the image, or null for the value in the settings.</param>
    /// <exception cref="ImagingException">
    /// The image is too narrow, or it is not resized and its sides are not valid multiples.
    /// </exception>
    public ProcessedImages Process(RgbImage image, bool? resize = null) => Process([image], resize);

    /// <summary>Converts images to patches.</summary>
    /// <param name="images">The images, at least one, of any sizes.</param>
    /// <param name="resize">
    /// Whether to resize each image by <see cref="SmartResize"/> (<c>do_resize</c>), or null for the value in the settings, which
    /// is true in the official ones. Without resizing, the sides must be multiples of patch × merge, 28.
    /// </param>
    /// <exception cref="ImagingException">
    /// There are no images, an image is too narrow, or it is not resized and its sides are not valid multiples.
    /// </exception>
    public ProcessedImages Process(IReadOnlyList<RgbImage> images, bool? resize = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
        {
            throw new ImagingException("There is no image to process; specify at least one.");
        }

        RgbImage[] fitted = [.. images.Select(image => Fit(image, resize ?? Config.DoResize))];
        int side = Config.PatchSize;
        GridThw[] grids = [.. fitted.Select(image => new GridThw(1, image.Height / side, image.Width / side))];
        Tensor pixelValues = empty(grids.Sum(grid => grid.Patches), Config.PatchLength, dtype: float32, device: CPU);
        long start = 0;
        for (int i = 0; i < fitted.Length; i++)
        {
            // One image at a time, because a span can't cover more than 2 GiB of a tensor.
            using Tensor rows = pixelValues.narrow(0, start, grids[i].Patches);
            Fill(fitted[i], MemoryMarshal.Cast<byte, float>(rows.bytes));
            start += grids[i].Patches;
        }

        return new ProcessedImages(pixelValues, grids);
    }

    private RgbImage Fit(RgbImage image, bool resize)
    {
        if (resize)
        {
            (int width, int height) = SizeOf(image);
            return Resampler.Resize(image, width, height, Config.Resample);
        }

        return image.Width % Config.Factor == 0 && image.Height % Config.Factor == 0
            ? image
            : throw new ImagingException(
                $"An image of {image} can't be split into patches: its sides must be multiples of {Config.Factor}.");
    }

    private void Fill(RgbImage image, Span<float> patches)
    {
        int side = Config.PatchSize, block = Config.Factor, merge = Config.MergeSize;
        for (int blockTop = 0; blockTop < image.Height; blockTop += block)
        {
            for (int blockLeft = 0; blockLeft < image.Width; blockLeft += block)
            {
                for (int i = 0; i < merge * merge; i++)
                {
                    FillPatch(image, blockLeft + (i % merge * side), blockTop + (i / merge * side), patches);
                    patches = patches[Config.PatchLength..];
                }
            }
        }
    }

    private void FillPatch(RgbImage image, int left, int top, Span<float> patch)
    {
        int side = Config.PatchSize, area = side * side;
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            ReadOnlySpan<float> values = _values.AsSpan(channel * Levels, Levels);
            Span<float> frame = patch[..area];
            for (int y = 0; y < side; y++)
            {
                ReadOnlySpan<byte> row = image.Row(top + y).Slice(left * RgbImage.Channels, side * RgbImage.Channels);
                for (int x = 0; x < side; x++)
                {
                    frame[(y * side) + x] = values[row[(x * RgbImage.Channels) + channel]];
                }
            }

            for (int copy = 1; copy < Config.TemporalPatchSize; copy++)
            {
                frame.CopyTo(patch[(copy * area)..]);
            }

            patch = patch[(Config.TemporalPatchSize * area)..];
        }
    }
}
