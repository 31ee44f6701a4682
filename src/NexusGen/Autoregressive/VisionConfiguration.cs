using NexusGen.Core;

namespace NexusGen.Autoregressive;

/// <summary>The configuration of the vision encoder (Qwen2.5-VL, arXiv 2502.13923).</summary>
internal sealed record VisionConfiguration
{
    /// <summary>The official configuration, that of Qwen2.5-VL 7B.</summary>
    public static VisionConfiguration NexusGenV2 { get; } = new();

    /// <summary>The number of transformer blocks.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>The width of the hidden states.</summary>
    public int HiddenSize { get; init; } = 1280;

    /// <summary>The inner width of the feed-forward layers.</summary>
    public int IntermediateSize { get; init; } = 3420;

    /// <summary>The number of attention heads.</summary>
    public int NumHeads { get; init; } = 16;

    /// <summary>The width of an embedding, which is that of the language model.</summary>
    public int OutHiddenSize { get; init; } = 3584;

    /// <summary>The number of colour channels.</summary>
    public int InChannels { get; init; } = 3;

    /// <summary>The side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>The number of frames in a patch; an image is repeated.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>The side of the square of patches that are merged into one embedding.</summary>
    public int SpatialMergeSize { get; init; } = 2;

    /// <summary>The side of an attention window in pixels.</summary>
    public int WindowSize { get; init; } = 112;

    /// <summary>The indexes of the blocks that attend to the full image instead of a window.</summary>
    public IReadOnlyList<int> FullattBlockIndexes { get; init; } = [7, 15, 23, 31];

    /// <summary>The number of positions in a second of video.</summary>
    public int TokensPerSecond { get; init; } = 2;

    /// <summary>
    /// Whether each embedding is divided by its root mean square, which brings all regression targets to one scale. false in the
    /// official model; <c>embedding_norm</c> in <c>nexus-gen.json</c>.
    /// </summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Reads <c>vision_config</c>. Missing values are those of transformers, not those of the official model.</summary>
    /// <param name="json">The object.</param>
    /// <exception cref="NexusGenException">A value has another type.</exception>
    internal static VisionConfiguration Read(JsonFields json) => new()
    {
        Depth = json.Count("depth", 32),
        HiddenSize = json.Count("hidden_size", 3584),
        IntermediateSize = json.Count("intermediate_size", 3420),
        NumHeads = json.Count("num_heads", 16),
        OutHiddenSize = json.Count("out_hidden_size", 3584),
        InChannels = json.Count("in_channels", 3),
        PatchSize = json.Count("patch_size", 14),
        TemporalPatchSize = json.Count("temporal_patch_size", 2),
        SpatialMergeSize = json.Count("spatial_merge_size", 2),
        WindowSize = json.Count("window_size", 112),
        FullattBlockIndexes = json.Numbers("fullatt_block_indexes", [7, 15, 23, 31]),
        TokensPerSecond = json.Count("tokens_per_second", 4),
    };

    /// <summary>The side, in pixels, of the area of one embedding.</summary>
    public int EmbeddingSide => PatchSize * SpatialMergeSize;

    /// <summary>The number of values in a patch: channels × frames × pixels.</summary>
    public int PatchLength => InChannels * TemporalPatchSize * PatchSize * PatchSize;
}
