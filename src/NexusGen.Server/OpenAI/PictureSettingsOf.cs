using Microsoft.Extensions.AI;
using NexusGen.Extensions.AI;
using NexusGen.Requests;
using NexusGen.Server.Http;

namespace NexusGen.Server.OpenAI;

/// <summary>How pictures are painted, from requests.</summary>
internal static class PictureSettingsOf
{
    private const double MostGuidance = 100;

    /// <summary>The fields as additional properties of a chat client's call.</summary>
    /// <exception cref="ApiException">A field is out of bounds.</exception>
    public static AdditionalPropertiesDictionary Properties(PictureFields? fields, Limits limits)
    {
        AdditionalPropertiesDictionary properties = [];
        void Set(string name, object? value)
        {
            if (value is not null)
            {
                properties[name] = value;
            }
        }

        if (fields is not null)
        {
            PictureSettings settings = Read(fields, limits);
            Set(NexusGenProperties.Steps, settings.Steps);
            Set(NexusGenProperties.CfgScale, settings.CfgScale);
            Set(NexusGenProperties.EmbeddedGuidance, settings.EmbeddedGuidance);
            Set(NexusGenProperties.NegativePrompt, settings.NegativePrompt);
            Set(NexusGenProperties.Width, settings.Width);
            Set(NexusGenProperties.Height, settings.Height);
            Set(NexusGenProperties.Seed, settings.Seed);
            Set(NexusGenProperties.PreviewEvery, settings.PreviewEvery);
        }

        return properties;
    }

    /// <summary>The fields as settings.</summary>
    /// <exception cref="ApiException">A field is out of bounds.</exception>
    public static PictureSettings Read(PictureFields fields, Limits limits)
    {
        (int? width, int? height) = limits.Size(fields.Size, "picture.size");
        limits.TextLength(fields.NegativePrompt?.Length ?? 0, "picture.negative_prompt");
        return new PictureSettings
        {
            Steps = limits.Steps(fields.Steps, "picture.steps"),
            CfgScale = Limits.InRange(fields.CfgScale, -MostGuidance, MostGuidance, "picture.cfg_scale"),
            EmbeddedGuidance = Limits.InRange(fields.EmbeddedGuidance, -MostGuidance, MostGuidance, "picture.embedded_guidance"),
            NegativePrompt = fields.NegativePrompt ?? "",
            Width = width,
            Height = height,
            Seed = Seed(fields.Seed, "picture.seed"),
            PreviewEvery = Limits.InRange(fields.PreviewEvery, 1, int.MaxValue, "picture.preview_every"),
        };
    }

    /// <summary>A seed.</summary>
    /// <exception cref="ApiException">It is negative.</exception>
    public static ulong? Seed(long? seed, string field) => seed is null or >= 0
        ? (ulong?)seed
        : throw ApiException.BadRequest($"{field} is {seed}, but it must be at least 0.", field);
}
