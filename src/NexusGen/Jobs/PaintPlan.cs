using NexusGen.Core;
using NexusGen.Diffusion.Sampling;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Jobs;

/// <summary>How pictures are painted, with nothing left open.</summary>
internal sealed record PaintPlan
{
    public required bool Editing { get; init; }

    public required int Steps { get; init; }

    public required double CfgScale { get; init; }

    public required double EmbeddedGuidance { get; init; }

    public required string NegativePrompt { get; init; }

    public required PictureSize Size { get; init; }

    public required ulong Seed { get; init; }

    public required int Count { get; init; }

    public RgbImage? StartImage { get; init; }

    public double DenoisingStrength { get; init; } = 1;

    public double? TeaCacheThreshold { get; init; }

    public int? PreviewEvery { get; init; }

    /// <summary>Whether the text encoders have to read a negative prompt.</summary>
    public bool NeedsNegative => CfgScale != 1 && NegativePrompt.Length > 0;

    /// <summary>The picture that is edited, whole; null where the decoder gets none.</summary>
    public RgbImage? Source { get; init; }

    /// <summary>The settings of a request with the model's defaults filled in.</summary>
    /// <exception cref="NexusGenException">A value is out of range.</exception>
    public static PaintPlan Of(PictureSettings settings, PictureDefaults defaults, bool editing, RgbImage? source)
    {
        double cfg = settings.CfgScale ?? defaults.CfgScale, guidance = settings.EmbeddedGuidance ?? defaults.EmbeddedGuidance;
        string? wrong = settings switch
        {
            { Count: < 1 or > 10_000 } => $"number of pictures is {settings.Count}, but it must be between 1 and 10,000",
            _ when !double.IsFinite(cfg) => $"guidance (cfg) is {cfg}, but it must be a number",
            _ when !double.IsFinite(guidance) => $"embedded guidance is {guidance}, but it must be a number",
            { TeaCacheThreshold: { } t } when !(t >= 0) => $"TeaCache threshold is {t}, but it must be 0 or more",
            { PreviewEvery: < 1 } => $"number of steps between previews is {settings.PreviewEvery}, but it must be at least 1",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException($"The {wrong}.");
        }

        int steps = settings.Steps ?? defaults.Steps;
        _ = new FlowMatchSchedule(Math.Min(steps, 2), settings.DenoisingStrength);
        return new PaintPlan
        {
            Editing = editing,
            Steps = steps,
            CfgScale = cfg,
            EmbeddedGuidance = guidance,
            NegativePrompt = settings.NegativePrompt,
            Size = PictureSize.RoundedUp(settings.Width ?? defaults.Width, settings.Height ?? defaults.Height),
            Seed = settings.Seed ?? defaults.Seed,
            Count = settings.Count,
            StartImage = settings.StartImage,
            DenoisingStrength = settings.DenoisingStrength,
            TeaCacheThreshold = settings.TeaCacheThreshold,
            PreviewEvery = settings.PreviewEvery,
            Source = editing ? source : null,
        };
    }

    /// <summary>The settings of one painted picture.</summary>
    public PictureSettings SettingsOf(ulong seed) => new()
    {
        Steps = Steps,
        CfgScale = CfgScale,
        EmbeddedGuidance = EmbeddedGuidance,
        NegativePrompt = NegativePrompt,
        Width = Size.Width,
        Height = Size.Height,
        Seed = seed,
        StartImage = StartImage,
        DenoisingStrength = DenoisingStrength,
        TeaCacheThreshold = TeaCacheThreshold,
    };
}
