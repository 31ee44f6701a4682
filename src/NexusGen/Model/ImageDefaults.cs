namespace NexusGen.Model;

/// <summary>The default image settings of a request.</summary>
public sealed record ImageDefaults
{
    /// <summary>Gets the number of denoising steps.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Gets the scale of classifier-free guidance. At 1, the negative branch is not computed.</summary>
    public double CfgScale { get; init; } = 1;

    /// <summary>Gets the guidance that is an input of the transformer.</summary>
    public double EmbeddedGuidance { get; init; } = 3.5;

    /// <summary>Gets the width in pixels.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Gets the height in pixels.</summary>
    public int Height { get; init; } = 512;

    /// <summary>Gets the seed of the noise.</summary>
    public ulong Seed { get; init; }
}
