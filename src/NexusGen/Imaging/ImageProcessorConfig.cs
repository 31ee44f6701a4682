using System.Text.Json;

namespace NexusGen.Imaging;

/// <summary>
/// The settings of Qwen2-VL's image processor: <c>preprocessor_config.json</c> of a model folder, with the defaults of
/// transformers 4.49 for what it leaves out.
/// </summary>
public sealed record ImageProcessorConfig
{
    /// <summary>The name of the file in a model folder.</summary>
    public const string FileName = "preprocessor_config.json";

    /// <summary>Whether pictures are resized by <see cref="SmartResize"/> unless the caller says otherwise.</summary>
    public bool DoResize { get; init; } = true;

    /// <summary>The kernel of that resizing.</summary>
    public ResampleFilter Resample { get; init; } = ResampleFilter.Bicubic;

    /// <summary>Whether levels are multiplied by <see cref="RescaleFactor"/>.</summary>
    public bool DoRescale { get; init; } = true;

    /// <summary>What levels are multiplied by.</summary>
    public double RescaleFactor { get; init; } = 1.0 / 255;

    /// <summary>Whether the mean is taken off and the rest divided by the deviation.</summary>
    public bool DoNormalize { get; init; } = true;

    /// <summary>Mean of red, green and blue.</summary>
    public IReadOnlyList<double> ImageMean { get; init; } = [0.48145466, 0.4578275, 0.40821073];

    /// <summary>Standard deviation of red, green and blue.</summary>
    public IReadOnlyList<double> ImageStd { get; init; } = [0.26862954, 0.26130258, 0.27577711];

    /// <summary>Fewest pixels after resizing.</summary>
    public long MinPixels { get; init; } = 56 * 56;

    /// <summary>Most pixels after resizing.</summary>
    public long MaxPixels { get; init; } = 28 * 28 * 1280;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Frames in a patch; a still picture is repeated.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Side in patches of what becomes one embedding.</summary>
    public int MergeSize { get; init; } = 2;

    /// <summary>What both sides of a picture must be multiples of, in pixels.</summary>
    public int Factor => PatchSize * MergeSize;

    /// <summary>Numbers in a patch: 3 · frames · side².</summary>
    public int PatchLength => RgbImage.Channels * TemporalPatchSize * PatchSize * PatchSize;

    /// <summary>Reads the settings of a model folder.</summary>
    /// <param name="folder">The folder with <c>preprocessor_config.json</c>.</param>
    /// <exception cref="ImagingException">The file is missing, not JSON, or a value in it is not usable.</exception>
    public static ImageProcessorConfig Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, FileName);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            ImageProcessorConfig config = Read(document.RootElement);
            config.Check();
            return config;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ImagingException($"'{path}' can't be read: {exception.Message.TrimEnd('.')}.", exception);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new ImagingException($"'{path}' is not a valid configuration: {exception.Message.TrimEnd('.')}.", exception);
        }
        catch (ImagingException exception)
        {
            throw new ImagingException($"'{path}' is not usable: {exception.Message}", exception);
        }
    }

    /// <summary>Refuses values that no picture can be processed with.</summary>
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
