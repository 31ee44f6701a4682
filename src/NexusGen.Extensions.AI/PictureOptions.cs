using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>How pictures are painted, from additional properties.</summary>
internal static class PictureOptions
{
    /// <summary>Reads the settings.</summary>
    /// <param name="properties">The properties.</param>
    /// <param name="seed">The seed where the properties give none.</param>
    /// <exception cref="NexusGenException">A property is of another kind.</exception>
    public static PictureSettings Read(PropertyReader properties, ulong? seed = null) => new()
    {
        Steps = properties.Whole(NexusGenProperties.Steps),
        CfgScale = properties.Number(NexusGenProperties.CfgScale),
        EmbeddedGuidance = properties.Number(NexusGenProperties.EmbeddedGuidance),
        NegativePrompt = properties.Text(NexusGenProperties.NegativePrompt) ?? "",
        Width = properties.Whole(NexusGenProperties.Width),
        Height = properties.Whole(NexusGenProperties.Height),
        PreviewEvery = properties.Whole(NexusGenProperties.PreviewEvery),
        Seed = properties.Seed(NexusGenProperties.Seed) ?? seed,
    };
}
