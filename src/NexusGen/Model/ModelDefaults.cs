using NexusGen.Autoregressive;
using NexusGen.Core;

namespace NexusGen.Model;

/// <summary>What is done where a request says nothing; the values of the official scripts unless the model has its own.</summary>
public sealed record ModelDefaults
{
    /// <summary>Drawing from text.</summary>
    public PictureDefaults Generate { get; init; } = new() { CfgScale = 3, Seed = 52 };

    /// <summary>Editing.</summary>
    public PictureDefaults Edit { get; init; } = new() { CfgScale = 1, Seed = 42 };

    /// <summary>How positions after a drawn picture are counted.</summary>
    public PositionMode Positions { get; init; } = PositionMode.Reference;

    /// <summary>The floating-point type.</summary>
    public Precision Precision { get; init; } = Precision.BFloat16;

    /// <summary>The largest number of pixels that the model reads of a picture.</summary>
    public int MaxPixels { get; init; } = 262640;
}
