namespace NexusGen.Model;

/// <summary>How a picture is painted where a request says nothing.</summary>
public sealed record ImageDefaults
{
    /// <summary>Denoising steps.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>Classifier-free guidance; 1 leaves the negative branch out.</summary>
    public double CfgScale { get; init; } = 1;

    /// <summary>The guidance that the transformer takes as an input.</summary>
    public double EmbeddedGuidance { get; init; } = 3.5;

    /// <summary>Width in pixels.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Height in pixels.</summary>
    public int Height { get; init; } = 512;

    /// <summary>Seed of the noise.</summary>
    public ulong Seed { get; init; }
}
