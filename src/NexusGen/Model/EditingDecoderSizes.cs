namespace NexusGen.Model;

/// <summary>The sizes of the merger of the editing decoder.</summary>
public sealed record EditingDecoderSizes
{
    /// <summary>Gets the number of decoder layers, 1 in the official model.</summary>
    public int NumLayers { get; init; } = 1;

    /// <summary>Gets the width of the text context, 4096 in the official model.</summary>
    public int OutChannel { get; init; } = 4096;

    /// <summary>
    /// Gets the ratio of the inner width of the projector to the width of the context, 4 in the official model.
    /// </summary>
    public int ExpandRatio { get; init; } = 4;
}
