using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Help;
using NexusGen.Requests;

namespace NexusGen.Cli.Images;

/// <summary>The metadata of an image, stored in the file and in the JSON output: enough to generate the image again.</summary>
/// <param name="TextKey">The key of the text: <c>prompt</c>, <c>instruction</c> or, for a reconstruction, <c>source</c>.</param>
/// <param name="Text">The text that the image was generated from, or null if there is none.</param>
/// <param name="Model">The model's folder.</param>
internal sealed record ImageMetadata(string TextKey, string? Text, string Model)
{
    // JPEG stores up to 64 KB of text, which characters of several bytes fill quickly.
    private const int LongestText = 4000;

    /// <summary>Returns the parameters of an image as they are written to its file.</summary>
    public IReadOnlyDictionary<string, string> For(OutputImage picture)
    {
        ImageSettings settings = picture.Settings;
        var result = new Dictionary<string, string>();
        Add(result, TextKey, Cut(Text));
        Add(result, "negative_prompt", Cut(settings.NegativePrompt));
        Add(result, "seed", Write(settings.Seed));
        Add(result, "steps", Write(settings.Steps));
        Add(result, "cfg_scale", Write(settings.CfgScale));
        Add(result, "embedded_guidance", Write(settings.EmbeddedGuidance));
        Add(result, "size", FormattableString.Invariant($"{picture.Image.Width}x{picture.Image.Height}"));
        Add(
            result,
            "generated_size",
            picture.IsResized
                ? FormattableString.Invariant($"{picture.GeneratedSize.Width}x{picture.GeneratedSize.Height}")
                : null);
        Add(result, "denoising_strength", settings.StartImage is null ? null : Write(settings.DenoisingStrength));
        Add(result, "tea_cache", Write(settings.TeaCacheThreshold));
        Add(result, "lora", string.Join(", ", settings.Loras.Select(Write)));
        Add(result, "decoder", Decoder(picture));
        Add(result, "model", Path.GetFileName(Path.TrimEndingDirectorySeparator(Model)));
        Add(result, "software", $"nexusgen {CommandHelp.Version}");
        return result;
    }

    /// <summary>Returns the description of an image for the JSON output.</summary>
    /// <param name="picture">The image.</param>
    /// <param name="file">The file of the image.</param>
    public static JsonObject Json(OutputImage picture, string file) => new()
    {
        ["file"] = file,
        ["index"] = picture.Index,
        ["width"] = picture.Image.Width,
        ["height"] = picture.Image.Height,
        ["generated_width"] = picture.GeneratedSize.Width,
        ["generated_height"] = picture.GeneratedSize.Height,
        ["seed"] = picture.Settings.Seed,
        ["steps"] = picture.Settings.Steps,
        ["computed_steps"] = picture.ComputedSteps,
        ["cfg_scale"] = picture.Settings.CfgScale,
        ["embedded_guidance"] = picture.Settings.EmbeddedGuidance,
        ["negative_prompt"] = picture.Settings.NegativePrompt,
        ["loras"] = new JsonArray([.. picture.Settings.Loras.Select(lora => (JsonNode)Write(lora))]),
        ["decoder"] = Decoder(picture),
    };

    // The name of the file without its folder, and the strength.
    private static string Write(LoraSettings lora) => string.Create(
        CultureInfo.InvariantCulture, $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(lora.Path))}={lora.Strength}");

    private static string Decoder(OutputImage picture) => picture.Decoder == DecoderChoice.Editing ? "editing" : "generation";

    private static void Add(Dictionary<string, string> to, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            to.Add(key, value);
        }
    }

    /// <summary>Returns a text as it is written to a file: without NUL characters, and shortened if it is long.</summary>
    public static string? Cut(string? text)
    {
        // A NUL ends a text in some formats, and half of a surrogate pair can't be written.
        string? clean = text?.Replace("\0", "", StringComparison.Ordinal);
        return clean is null || clean.Length <= LongestText
            ? clean
            : string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[LongestText - 1]) ? LongestText - 1 : LongestText), "…");
    }

    private static string? Write(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
}
