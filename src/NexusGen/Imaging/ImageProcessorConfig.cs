using System.Text.Json;
using NexusGen.Core;

namespace NexusGen.Imaging;

/// <summary>
/// The settings of the image processor of Qwen2-VL, read from <c>preprocessor_config.json</c> of a model folder, or from
/// <c>processor_config.json</c>, as transformers 5 writes them. Missing values default to those of transformers 4.49.
/// </summary>
internal sealed record ImageProcessorConfig
{
    /// <summary>The name of the file in a model folder.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>Gets whether images are resized by <see cref="SmartResize"/> if the caller doesn't specify it.</summary>
    public bool DoResize { get; init; } = true;

    /// <summary>Gets the resampling filter of that resize.</summary>
    public ResampleFilter Resample { get; init; } = ResampleFilter.Bicubic;

    /// <summary>Gets whether pixel values are multiplied by <see cref="RescaleFactor"/>.</summary>
    public bool DoRescale { get; init; } = true;

    /// <summary>Gets the factor by which pixel values are multiplied.</summary>
    public double RescaleFactor { get; init; } = 1.0 / 255;

    /// <summary>Gets whether the mean is subtracted and the result divided by the standard deviation.</summary>
    public bool DoNormalize { get; init; } = true;

    /// <summary>Gets the means of red, green and blue.</summary>
    public IReadOnlyList<double> ImageMean { get; init; } = [0.48145466, 0.4578275, 0.40821073];

    /// <summary>Gets the standard deviations of red, green and blue.</summary>
    public IReadOnlyList<double> ImageStd { get; init; } = [0.26862954, 0.26130258, 0.27577711];

    /// <summary>Gets the minimum number of pixels after resizing.</summary>
    public long MinPixels { get; init; } = 56 * 56;

    /// <summary>Gets the maximum number of pixels after resizing.</summary>
    public long MaxPixels { get; init; } = 28 * 28 * 1280;

    /// <summary>Gets the side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Gets the number of frames in a patch. A still image is repeated.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Gets the side, in patches, of the block that is merged into one embedding.</summary>
    public int MergeSize { get; init; } = 2;

    /// <summary>Gets the number of pixels of which both sides of an image must be multiples.</summary>
    public int Factor => PatchSize * MergeSize;

    /// <summary>Gets the number of values in a patch: 3 · frames · side².</summary>
    public int PatchLength => RgbImage.Channels * TemporalPatchSize * PatchSize * PatchSize;

    /// <summary>Reads the settings of a model folder.</summary>
    /// <param name="folder">The folder with <c>preprocessor_config.json</c> or <c>processor_config.json</c>.</param>
    /// <exception cref="ImagingException">The file is missing, isn't JSON, or has an invalid value.</exception>
    public static ImageProcessorConfig Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            // transformers 5 stores the settings inside those of the whole processor.
            string whole = Path.Combine(folder, "processor_config.json");
            bool nested = !File.Exists(path) && File.Exists(whole);
            path = nested ? whole : path;
            using JsonDocument document = JsonDocument.Parse(TextFile.ReadUtf8(path));
            ImageProcessorConfig config = Read(
                nested ? document.RootElement.GetProperty("image_processor") : document.RootElement);
            config.Check();
            return config;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ImagingException($"Can't read '{path}': {exception.Message.TrimEnd('.')}.", exception);
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new ImagingException($"'{path}' is not a valid configuration: {exception.Message.TrimEnd('.')}.", exception);
        }
        catch (ImagingException exception)
        {
            throw new ImagingException($"'{path}' is not usable: {exception.Message}", exception);
        }
    }

    /// <summary>Checks that all values are in range.</summary>
    /// <exception cref="ImagingException">A value is out of range; the message names it.</exception>
    internal void Check()
    {
        Require(Enum.IsDefined(Resample), "resample", (int)Resample, "2 (bilinear) or 3 (bicubic)");
        Require(PatchSize is >= 1 and <= 256, "patch_size", PatchSize, "1 to 256");
        Require(TemporalPatchSize is >= 1 and <= 16, "temporal_patch_size", TemporalPatchSize, "1 to 16");
        Require(MergeSize is >= 1 and <= 16, "merge_size", MergeSize, "1 to 16");
        Require(MinPixels >= 1, "min_pixels", MinPixels, "at least 1");
        Require(MaxPixels >= MinPixels, "max_pixels", MaxPixels, $"at least min_pixels ({MinPixels})");
        Require(double.IsFinite(RescaleFactor), "rescale_factor", RescaleFactor, "a finite number");
        Require(ImageMean.Count == RgbImage.Channels, "image_mean", string.Join(", ", ImageMean), "three numbers");
        Require(
            ImageStd.Count == RgbImage.Channels && ImageStd.All(value => value > 0),
            "image_std",
            string.Join(", ", ImageStd),
            "three positive numbers");
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds)
        {
            throw new ImagingException($"{name} is {value} but must be {expected}.");
        }
    }

    private static ImageProcessorConfig Read(JsonElement json)
    {
        var defaults = new ImageProcessorConfig();
        JsonElement? size = Find(json, "size");
        return new ImageProcessorConfig
        {
            DoResize = Find(json, "do_resize")?.GetBoolean() ?? defaults.DoResize,
            Resample = (ResampleFilter?)Find(json, "resample")?.GetInt32() ?? defaults.Resample,
            DoRescale = Find(json, "do_rescale")?.GetBoolean() ?? defaults.DoRescale,
            RescaleFactor = Find(json, "rescale_factor")?.GetDouble() ?? defaults.RescaleFactor,
            DoNormalize = Find(json, "do_normalize")?.GetBoolean() ?? defaults.DoNormalize,
            ImageMean = Channels(Find(json, "image_mean")) ?? defaults.ImageMean,
            ImageStd = Channels(Find(json, "image_std")) ?? defaults.ImageStd,
            MinPixels = (Find(json, "min_pixels") ?? Find(size, "shortest_edge"))?.GetInt64() ?? defaults.MinPixels,
            MaxPixels = (Find(json, "max_pixels") ?? Find(size, "longest_edge"))?.GetInt64() ?? defaults.MaxPixels,
            PatchSize = Find(json, "patch_size")?.GetInt32() ?? defaults.PatchSize,
            TemporalPatchSize = Find(json, "temporal_patch_size")?.GetInt32() ?? defaults.TemporalPatchSize,
            MergeSize = Find(json, "merge_size")?.GetInt32() ?? defaults.MergeSize,
        };
    }

    private static JsonElement? Find(JsonElement? json, string name) =>
        json is { } element && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private static double[]? Channels(JsonElement? json) => json switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(value => value.GetDouble())],
        { } one => [one.GetDouble(), one.GetDouble(), one.GetDouble()],
    };
}
