using NexusGen.Core;
using NexusGen.Requests;
using NexusGen.Server.Http;

namespace NexusGen.Server.Requests;

/// <summary>Reads the settings of generated images from requests.</summary>
internal static class ImageSettingsReader
{
    private const double MaxGuidance = 100;

    /// <summary>Reads the settings.</summary>
    /// <param name="fields">The fields of the request, or null for the defaults.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="seed">The seed if the fields have none, or null to draw a random one.</param>
    /// <param name="parent">
    /// The field of the request that contains the fields, or null if they are fields of the request itself. Errors name a field
    /// as the caller wrote it.
    /// </param>
    /// <exception cref="ApiException">A field is out of range.</exception>
    public static ImageSettings Read(PictureFields? fields, Limits limits, ulong? seed = null, string? parent = "picture")
    {
        string Name(string field) => parent is null ? field : $"{parent}.{field}";
        fields ??= new PictureFields();
        if (fields.Form is not (null or "markdown" or "images"))
        {
            throw ApiException.BadRequest($"{Name("form")} must be markdown or images.", Name("form"));
        }

        _ = Action(fields.Action, Name("action"));
        (int? width, int? height) = limits.Size(fields.Size, Name("size"));
        limits.TextLength(fields.NegativePrompt?.Length ?? 0, Name("negative_prompt"));
        return new ImageSettings
        {
            Steps = limits.Steps(fields.Steps, Name("steps")),
            CfgScale = Limits.InRange(fields.CfgScale, -MaxGuidance, MaxGuidance, Name("cfg_scale")),
            EmbeddedGuidance = Limits.InRange(fields.EmbeddedGuidance, -MaxGuidance, MaxGuidance, Name("embedded_guidance")),
            NegativePrompt = fields.NegativePrompt ?? "",
            Width = width,
            Height = height,
            Fit = Fit(fields.Fit, Name("fit")),
            Seed = Seed(fields.Seed, Name("seed")) ?? seed ?? RandomSeed.Next(),
            PreviewEvery = Limits.InRange(fields.PreviewEvery, 1, int.MaxValue, Name("preview_every")),
        };
    }

    /// <summary>Reads what a message asks for.</summary>
    /// <exception cref="ApiException">There is no such action.</exception>
    public static ChatAction Action(string? action, string field) => RequestWords.Action(action)
        ?? throw ApiException.BadRequest($"{field} must be {RequestWords.Actions}.", field);

    private static SizeFit Fit(string? fit, string field) => RequestWords.Fit(fit)
        ?? throw ApiException.BadRequest($"{field} must be {RequestWords.Fits}.", field);

    /// <summary>Reads a seed. Returns null for none and for −1, which stand for a random one.</summary>
    /// <exception cref="ApiException">The seed is negative.</exception>
    public static ulong? Seed(long? seed, string field) => seed switch
    {
        null or RandomSeed.Number => null,
        >= 0 => (ulong?)seed,
        _ => throw ApiException.BadRequest($"{field} is {seed}, but it must be at least 0, or −1 for a random one.", field),
    };
}
