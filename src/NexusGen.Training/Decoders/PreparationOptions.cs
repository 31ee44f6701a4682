using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>What is prepared, and how.</summary>
public sealed record PreparationOptions
{
    /// <summary>Whether for the editing decoder: predicted embeddings and those of the source. Otherwise for the generation decoder.</summary>
    public bool Editing { get; init; }

    /// <summary>
    /// Whether the embeddings are what the language model predicts, given the answer before. For editing so officially; for
    /// generation officially the picture's own.
    /// </summary>
    public bool Predicted { get; init; }

    /// <summary>How many samples of the data.</summary>
    public long Samples { get; init; } = 10_000;

    /// <summary>Samples of a shard; what a stopped preparation has to do again at most.</summary>
    public int ShardSamples { get; init; } = 1024;

    /// <summary>Samples computed at once.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Width of the pictures that the decoder learns to paint.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Height of the pictures.</summary>
    public int Height { get; init; } = 512;

    /// <summary>The type that embeddings and latents are stored in.</summary>
    public ScalarType Type { get; init; } = ScalarType.BFloat16;
}
