using NexusGen.Core;

namespace NexusGen.Diffusion.Sampling;

/// <summary>The options for sampling latents.</summary>
internal sealed record DenoisingOptions
{
    private static readonly LatentStep Euler = (schedule, latents, velocity, step) => schedule.Step(latents, velocity, step);

    /// <summary>Gets the number of denoising steps.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Gets the scale of classifier-free guidance. At 1, the negative branch is not computed.</summary>
    public double CfgScale { get; init; } = 1;

    /// <summary>Gets the guidance that is an input of the transformer.</summary>
    public double EmbeddedGuidance { get; init; } = 3.5;

    /// <summary>Gets the seed of each image of the batch.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [0];

    /// <summary>Gets how much noise is added to the start latents, above 0 and at most 1.</summary>
    public double DenoisingStrength { get; init; } = 1;

    /// <summary>Gets the threshold of TeaCache, or null to compute all steps.</summary>
    public double? TeaCacheThreshold { get; init; }

    /// <summary>Gets how the latents reach the next noise level, Euler's step by default.</summary>
    public LatentStep Step { get; init; } = Euler;

    /// <summary>Validates all values.</summary>
    /// <exception cref="NexusGenException">A value is invalid; the message names it.</exception>
    public DenoisingOptions Checked()
    {
        string? wrong = this switch
        {
            { Seeds.Count: 0 } => "There is no seed, but each image requires one.",
            _ when !double.IsFinite(CfgScale) => $"The guidance scale (cfg) is {CfgScale}, but it must be a finite number.",
            _ when !double.IsFinite(EmbeddedGuidance) =>
                $"The embedded guidance is {EmbeddedGuidance}, but it must be a finite number.",
            { TeaCacheThreshold: { } threshold } when !(threshold >= 0) =>
                $"The TeaCache threshold is {threshold}, but it must be 0 or more.",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException(wrong);
        }

        // The schedule checks steps and strength; it takes time in proportion to the steps, two are enough for that.
        _ = new FlowMatchSchedule(Math.Min(Steps, 2), DenoisingStrength);
        return this;
    }
}
