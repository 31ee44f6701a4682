namespace NexusGen.Autoregressive;

/// <summary>Sizes of the vision encoder (Qwen2.5-VL, arXiv 2502.13923).</summary>
internal sealed record VisionConfiguration
{
    /// <summary>The official sizes: Qwen2.5-VL 7B's.</summary>
    public static VisionConfiguration NexusGenV2 { get; } = new();

    /// <summary>Transformer blocks.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Width of a patch's state.</summary>
    public int HiddenSize { get; init; } = 1280;

    /// <summary>Width inside the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 3420;

    /// <summary>Attention heads.</summary>
    public int NumHeads { get; init; } = 16;

    /// <summary>Width of an embedding: that of the language model.</summary>
    public int OutHiddenSize { get; init; } = 3584;

    /// <summary>Colour channels.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Frames in a patch; a still picture is repeated.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Side of the square of patches that become one embedding.</summary>
    public int SpatialMergeSize { get; init; } = 2;

    /// <summary>Side of an attention window in pixels.</summary>
    public int WindowSize { get; init; } = 112;

    /// <summary>The blocks that attend to the whole picture instead of a window.</summary>
    public IReadOnlyList<int> FullattBlockIndexes { get; init; } = [7, 15, 23, 31];

    /// <summary>Positions in a second of video.</summary>
    public int TokensPerSecond { get; init; } = 2;

    /// <summary>
    /// Whether each embedding is divided by its root mean square, so that all targets of the regression have one scale. Not so
    /// officially; <c>embedding_norm</c> in <c>nexus-gen.json</c>.
    /// </summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Numbers in a patch: colours × frames × pixels.</summary>
    public int PatchLength => InChannels * TemporalPatchSize * PatchSize * PatchSize;
}
