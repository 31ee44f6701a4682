using System.Globalization;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Loras;

namespace NexusGen.Server.Studio;

/// <summary>
/// How an image was generated, as its file says. The file can come from anywhere: only values that a request can have are read.
/// </summary>
internal sealed record FileOrigin
{
    private const double MaxGuidance = 100;

    // The largest integer that a page of a browser reads exactly.
    private const long MaxSeed = (1L << 53) - 1;

    /// <summary>Gets the description or instruction.</summary>
    public required string Prompt { get; init; }

    /// <summary>Gets what the image should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Gets the seed.</summary>
    public long? Seed { get; init; }

    /// <summary>Gets the number of denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Gets the scale of classifier-free guidance.</summary>
    public double? CfgScale { get; init; }

    /// <summary>Gets the width in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Gets the height in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Gets the LoRAs, as far as this server has them, or null if there are none.</summary>
    public IReadOnlyList<NamedLora>? Loras { get; init; }

    /// <summary>Reads the origin of an image.</summary>
    /// <param name="data">The file, which was decoded without an error.</param>
    /// <param name="image">The image.</param>
    /// <param name="options">The limits of requests.</param>
    /// <param name="loras">Returns the LoRAs of the server; called only if the image has some.</param>
    /// <returns>The origin, or null if this program did not generate the image or the file doesn't say so.</returns>
    public static FileOrigin? Read(
        ReadOnlySpan<byte> data, RgbImage image, NexusGenServerOptions options, Func<LoraNames> loras)
    {
        IReadOnlyDictionary<string, string> parameters;
        try
        {
            parameters = ImageFile.ReadParameters(data);
        }
        catch (ImagingException)
        {
            return null;
        }

        string? Text(string key) => Clean(parameters.GetValueOrDefault(key)) is { Length: > 0 } text
            && text.Length <= options.MaxTextLength ? text : null;

        // Other programs store texts of the same names: a prompt, for example, that is no text but a graph of nodes.
        bool isOurs = parameters.ContainsKey("model") && parameters.ContainsKey("seed") && parameters.ContainsKey("steps");
        if (!isOurs || (Text("prompt") ?? Text("instruction")) is not { } prompt)
        {
            return null;
        }

        bool hasSize = image.Width <= options.MaxSide && image.Height <= options.MaxSide;
        return new FileOrigin
        {
            Prompt = prompt,
            NegativePrompt = Text("negative_prompt"),
            Seed = Number(parameters["seed"], MaxSeed, least: 0),
            Steps = (int?)Number(parameters["steps"], options.MaxSteps, least: 1),
            CfgScale = Guidance(parameters.GetValueOrDefault("cfg_scale")),
            Width = hasSize ? image.Width : null,
            Height = hasSize ? image.Height : null,
            Loras = Text("lora") is { } names && loras().Known(names) is { Count: > 0 } known ? known : null,
        };
    }

    private static string? Clean(string? text) =>
        text is null ? null : string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t')).Trim();

    private static long? Number(string? text, long most, long least) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : null;

    private static double? Guidance(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double scale)
        && Math.Abs(scale) <= MaxGuidance
            ? scale
            : null;
}
