using NexusGen.Autoregressive;
using NexusGen.Core;

namespace NexusGen.Model;

/// <summary>The defaults of requests: the values of the official scripts unless the model configuration overrides them.</summary>
public sealed record ModelDefaults
{
    /// <summary>Gets the defaults for generating images.</summary>
    public ImageDefaults Generate { get; init; } = new() { CfgScale = 3, Seed = 52 };

    /// <summary>Gets the defaults for editing images.</summary>
    public ImageDefaults Edit { get; init; } = new() { CfgScale = 1, Seed = 42 };

    /// <summary>Gets how positions after a generated image are counted.</summary>
    public PositionMode Positions { get; init; } = PositionMode.Reference;

    /// <summary>Gets the floating-point type.</summary>
    public Precision Precision { get; init; } = Precision.BFloat16;

    /// <summary>Gets the maximum number of pixels of an input image.</summary>
    public int MaxPixels { get; init; } = 262640;
}
