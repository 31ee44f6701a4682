using NexusGen.Core;

namespace NexusGen.Diffusion.Sampling;

/// <summary>How latents are sampled.</summary>
public sealed record DenoisingOptions
{
    /// <summary>How many steps.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Classifier-free guidance; 1 leaves the negative branch out.</summary>
    public double CfgScale { get; init; } = 1;

    /// <summary>The guidance that the transformer takes as an input.</summary>
    public double EmbeddedGuidance { get; init; } = 3.5;

    /// <summary>The seed of each picture of the batch.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [0];

    /// <summary>With start latents, how much noise is laid over them.</summary>
    public double DenoisingStrength { get; init; } = 1;

    /// <summary>TeaCache's threshold; all steps are computed where null.</summary>
    public double? TeaCacheThreshold { get; init; }

    /// <summary>Checks that every value is in its range; steps and strength are the schedule's affair.</summary>
    /// <exception cref="NexusGenException">One is not; it is named.</exception>
    public DenoisingOptions Checked()
    {
        string? wrong = this switch
        {
            { Seeds.Count: 0 } => "There is no seed, but each picture needs one.",
            _ when !double.IsFinite(CfgScale) => $"The guidance (cfg) is {CfgScale}, but it must be a number.",
            _ when !double.IsFinite(EmbeddedGuidance) => $"The embedded guidance is {EmbeddedGuidance}, but it must be a number.",
            { TeaCacheThreshold: { } threshold } when !(threshold >= 0) => $"The TeaCache threshold is {threshold}, but it must be 0 or more.",
            _ => null,
        };
        return wrong is null ? this : throw new NexusGenException(wrong);
    }
}
