using NexusGen.Core;
using NexusGen.Weights.Modules;

namespace NexusGen.Model;

/// <summary>How a model is opened.</summary>
public sealed record NexusGenOptions
{
    /// <summary>Where it computes: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The floating-point type; the model's default where it is <see cref="Precision.Automatic"/>.</summary>
    public Precision Precision { get; init; }

    /// <summary>How the decoders' linear layers store their weights: <see cref="DenseFormat.Instance"/> or <see cref="DenseFormat.Float8"/>.</summary>
    public ILinearFormat DecoderWeights { get; init; } = DenseFormat.Instance;

    /// <summary>
    /// How many bytes weights and activations may take; parts that don't fit are read as they are needed. No bound where null:
    /// then weights are mapped where that is possible, and the operating system decides what stays in memory.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>
    /// How many requests that run at the same time are written together, and how many of their pictures are painted together,
    /// in one forward pass; further ones wait to be written. At 1 nothing is joined, and a result does not depend on what else
    /// runs. Above, its rounding may: a picture differs in its last digits, and of two tokens that are as likely the other may
    /// be chosen.
    /// </summary>
    public int MaxBatch { get; init; } = 1;

    /// <summary>Parts that lie outside the model's folder.</summary>
    public ModelPathOverrides Paths { get; init; } = new();

    /// <summary>Where computed constants are kept if the model's folder can't be written; a folder of the user's cache where null.</summary>
    public string? CacheFolder { get; init; }
}
