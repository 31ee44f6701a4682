using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>The options of the preparation of decoder training data.</summary>
internal sealed record DecoderDatasetOptions
{
    /// <summary>
    /// Whether to prepare data for the editing decoder, with predicted target embeddings and source embeddings. Otherwise, for
    /// the generation decoder.
    /// </summary>
    public bool Editing { get; init; }

    /// <summary>
    /// Whether the target embeddings are those that the language model predicts when the answer is given. For editing this is
    /// always so, as officially. For generation, the official data has the vision encoder's embeddings of the image.
    /// </summary>
    public bool Predicted { get; init; }

    /// <summary>The number of samples.</summary>
    public long Samples { get; init; } = 10_000;

    /// <summary>
    /// The number of samples per shard, and the maximum number of samples that a stopped preparation has to repeat.
    /// </summary>
    public int ShardSamples { get; init; } = 1024;

    /// <summary>The number of samples computed at once.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The width of the target images.</summary>
    public int Width { get; init; } = 512;

    /// <summary>The height of the target images.</summary>
    public int Height { get; init; } = 512;

    /// <summary>The element type that embeddings and latents are stored in.</summary>
    public ScalarType Type { get; init; } = ScalarType.BFloat16;
}
