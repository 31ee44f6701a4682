namespace NexusGen.Model;

/// <summary>The editing decoder's merger.</summary>
public sealed record EditingDecoderSizes
{
    /// <summary>Decoder layers; officially 1.</summary>
    public int NumLayers { get; init; } = 1;

    /// <summary>Width of the text context; officially 4096.</summary>
    public int OutChannel { get; init; } = 4096;

    /// <summary>How much wider the projector is inside; officially 4.</summary>
    public int ExpandRatio { get; init; } = 4;
}
