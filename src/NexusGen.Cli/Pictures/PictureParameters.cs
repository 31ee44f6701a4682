using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Help;
using NexusGen.Requests;

namespace NexusGen.Cli.Pictures;

/// <summary>What is told of a picture, in the file itself and to programs: enough to make it again.</summary>
/// <param name="TextKey">What the text is called: <c>prompt</c> or <c>instruction</c>.</param>
/// <param name="Text">The text that it was drawn from; null where there was none.</param>
/// <param name="Model">The model's folder.</param>
internal sealed record PictureParameters(string TextKey, string? Text, string Model)
{
    // JPEG holds 64 KB of texts, which characters of several bytes fill soon.
    private const int LongestText = 4000;

    /// <summary>The parameters of a picture, as they are written into its file.</summary>
    public IReadOnlyDictionary<string, string> For(DrawnPicture picture)
    {
        PictureSettings settings = picture.Settings;
        var result = new Dictionary<string, string>();
        Add(result, TextKey, Cut(Text));
        Add(result, "negative_prompt", Cut(settings.NegativePrompt));
        Add(result, "seed", Write(settings.Seed));
        Add(result, "steps", Write(settings.Steps));
        Add(result, "cfg_scale", Write(settings.CfgScale));
        Add(result, "embedded_guidance", Write(settings.EmbeddedGuidance));
        Add(result, "size", FormattableString.Invariant($"{picture.Image.Width}x{picture.Image.Height}"));
        Add(result, "denoising_strength", settings.StartImage is null ? null : Write(settings.DenoisingStrength));
        Add(result, "tea_cache", Write(settings.TeaCacheThreshold));
        Add(result, "decoder", Decoder(picture));
        Add(result, "model", Path.GetFileName(Path.TrimEndingDirectorySeparator(Model)));
        Add(result, "software", $"nexusgen {CommandHelp.Version}");
        return result;
    }

    /// <summary>What a program is told of a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="file">Where it was written.</param>
    public static JsonObject Json(DrawnPicture picture, string file) => new()
    {
        ["file"] = file,
        ["index"] = picture.Index,
        ["width"] = picture.Image.Width,
        ["height"] = picture.Image.Height,
        ["seed"] = picture.Settings.Seed,
        ["steps"] = picture.Settings.Steps,
        ["computed_steps"] = picture.ComputedSteps,
        ["cfg_scale"] = picture.Settings.CfgScale,
        ["embedded_guidance"] = picture.Settings.EmbeddedGuidance,
        ["negative_prompt"] = picture.Settings.NegativePrompt,
        ["decoder"] = Decoder(picture),
    };

    private static string Decoder(DrawnPicture picture) => picture.Decoder == DecoderChoice.Editing ? "editing" : "generation";

    private static void Add(Dictionary<string, string> to, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            to.Add(key, value);
        }
    }

    /// <summary>A text as it is written into a file: long ones are cut.</summary>
    public static string? Cut(string? text)
    {
        // A NUL ends a text in some formats, and half a character can't be written.
        string? clean = text?.Replace("\0", "", StringComparison.Ordinal);
        return clean is null || clean.Length <= LongestText
            ? clean
            : string.Concat(clean.AsSpan(0, char.IsHighSurrogate(clean[LongestText - 1]) ? LongestText - 1 : LongestText), "…");
    }

    private static string? Write(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
}
