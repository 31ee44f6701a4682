using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>Reads image settings from additional properties.</summary>
internal static class ImageGenerationSettings
{
    /// <summary>Reads the settings.</summary>
    /// <param name="properties">The properties.</param>
    /// <param name="seed">The seed if the properties contain none, or null to draw a random one.</param>
    /// <exception cref="NexusGenException">A property has the wrong type.</exception>
    public static ImageSettings Read(PropertyReader properties, ulong? seed = null) => new()
    {
        Steps = properties.Whole(NexusGenProperties.Steps),
        CfgScale = properties.Number(NexusGenProperties.CfgScale),
        EmbeddedGuidance = properties.Number(NexusGenProperties.EmbeddedGuidance),
        NegativePrompt = properties.Text(NexusGenProperties.NegativePrompt) ?? "",
        Width = properties.Whole(NexusGenProperties.Width),
        Height = properties.Whole(NexusGenProperties.Height),
        Fit = Fit(properties.Text(NexusGenProperties.Fit)),
        PreviewEvery = properties.Whole(NexusGenProperties.PreviewEvery),
        Seed = properties.Seed(NexusGenProperties.Seed) ?? seed ?? RandomSeed.Next(),
    };

    private static SizeFit Fit(string? word) => RequestWords.Fit(word)
        ?? throw new NexusGenException(
            $"The property {NexusGenProperties.Fit} is \"{word}\"; it must be {RequestWords.Fits}.");
}
