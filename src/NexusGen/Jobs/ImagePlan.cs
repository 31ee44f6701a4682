using NexusGen.Core;
using NexusGen.Diffusion.Sampling;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Jobs;

/// <summary>How image embeddings are decoded into images, with every default filled in and every value checked.</summary>
internal sealed record ImagePlan
{
    /// <summary>Gets whether the editing decoder is used.</summary>
    public required bool Editing { get; init; }

    /// <summary>Gets the size that the images are generated at and the size that they are resized to.</summary>
    public required OutputSize Output { get; init; }

    /// <summary>Gets the size that the images are generated at.</summary>
    public ImageSize Size => Output.Generated;

    /// <summary>Gets the number of images, with consecutive seeds.</summary>
    public required int Count { get; init; }

    /// <summary>Gets how the latents are sampled; its one seed is that of the first image.</summary>
    public required DenoisingOptions Denoising { get; init; }

    /// <summary>Gets what the images should not show.</summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>Gets the image to start from, or null for noise.</summary>
    public RgbImage? StartImage { get; init; }

    /// <summary>Gets the number of steps between two previews, or null for none.</summary>
    public int? PreviewEvery { get; init; }

    /// <summary>Gets the LoRA files of the decoder.</summary>
    public IReadOnlyList<LoraSettings> Loras { get; init; } = [];

    /// <summary>Gets the image to edit in its full size, or null if the decoder gets none.</summary>
    public RgbImage? Source { get; init; }

    /// <summary>Gets whether the text encoders have to encode a negative prompt.</summary>
    public bool NeedsNegative => Denoising.CfgScale != 1 && NegativePrompt.Length > 0;

    /// <summary>Gets the seed of the first image.</summary>
    public ulong Seed => Denoising.Seeds[0];

    /// <summary>Fills in the model's defaults and checks every value.</summary>
    /// <param name="settings">The settings of the request.</param>
    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="defaults">The model's defaults for the task.</param>
    /// <param name="editing">Whether the editing decoder is used.</param>
    /// <param name="source">The image to edit, or null for none.</param>
    /// <exception cref="NexusGenException">A value is out of range.</exception>
    public static ImagePlan Of(
        ImageSettings settings,
        NexusGenConfiguration configuration,
        ImageDefaults defaults,
        bool editing,
        RgbImage? source)
    {
        string? wrong = settings switch
        {
            { Count: < 1 or > 10_000 } => $"number of pictures is {settings.Count}, but it must be between 1 and 10,000",
            { PreviewEvery: < 1 } => $"number of steps between previews is {settings.PreviewEvery}, but it must be at least 1",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException($"The {wrong}.");
        }

        return new ImagePlan
        {
            Editing = editing,
            Output = OutputSize.Of(settings, configuration, defaults),
            Count = settings.Count,
            Denoising = new DenoisingOptions
            {
                Steps = settings.Steps ?? defaults.Steps,
                CfgScale = settings.CfgScale ?? defaults.CfgScale,
                EmbeddedGuidance = settings.EmbeddedGuidance ?? defaults.EmbeddedGuidance,
                Seeds = [settings.Seed ?? defaults.Seed],
                DenoisingStrength = settings.DenoisingStrength,
                TeaCacheThreshold = settings.TeaCacheThreshold,
            }.Checked(),
            NegativePrompt = settings.NegativePrompt,
            StartImage = settings.StartImage,
            PreviewEvery = settings.PreviewEvery,
            Loras = LoraSettings.Checked(settings.Loras),
            Source = editing ? source : null,
        };
    }

    /// <summary>Gets the settings that generate one of the images again.</summary>
    /// <param name="seed">The seed of the image.</param>
    public ImageSettings SettingsOf(ulong seed) => new()
    {
        Steps = Denoising.Steps,
        CfgScale = Denoising.CfgScale,
        EmbeddedGuidance = Denoising.EmbeddedGuidance,
        NegativePrompt = NegativePrompt,
        Width = Output.Final.Width,
        Height = Output.Final.Height,
        Fit = Output.Fit,
        Seed = seed,
        StartImage = StartImage,
        DenoisingStrength = Denoising.DenoisingStrength,
        TeaCacheThreshold = Denoising.TeaCacheThreshold,
        Loras = Loras,
    };
}
