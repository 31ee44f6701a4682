using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Model;

/// <summary>The options for opening a model.</summary>
public sealed record NexusGenOptions
{
    /// <summary>Gets the device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, <c>mps</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Gets the floating-point type, or <see cref="Precision.Automatic"/> for the default of the model.</summary>
    public Precision Precision { get; init; }

    /// <summary>Gets the storage formats of the linear layers; plain matrices by default.</summary>
    public WeightFormats Weights { get; init; } = WeightFormats.Dense;

    /// <summary>
    /// Gets the memory budget of weights and activations in bytes. Components that don't fit are read when they are needed. If
    /// null, there is no limit; weights are then memory-mapped where possible, and the operating system decides what stays in
    /// memory.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>
    /// Gets whether weights may be memory-mapped; true by default. If false, they are read: on network storage, a mapped file is
    /// slow, and one that becomes shorter ends the process.
    /// </summary>
    public bool MapWeights { get; init; } = true;

    /// <summary>
    /// Gets the maximum number of concurrent requests whose replies are generated in one forward pass, and of their images that
    /// are denoised in one forward pass. Further requests wait. At 1 there is no batching, and a result doesn't depend on other
    /// requests. Above 1 its rounding can: an image can differ in its last digits, and of two equally likely tokens the other one
    /// can be chosen.
    /// </summary>
    public int MaxBatch { get; init; } = 1;

    /// <summary>
    /// Gets whether special tokens such as <c>&lt;|im_end|&gt;</c> in the texts of requests are tokens, as in the official
    /// scripts. By default they are text like any other, so that a text can't end its turn or stand for an image.
    /// </summary>
    public bool ParseSpecialTokens { get; init; }

    /// <summary>
    /// Gets the LoRA files and adapters that are added to the weights when they are loaded, with their strengths. Compared with
    /// <see cref="ImageSettings.Loras"/> and <see cref="ReplySettings.Loras"/>, steps take no longer, but all requests have
    /// them, weights that change are not memory-mapped, and the sum is rounded to the storage format: in few bits small changes
    /// are lost.
    /// </summary>
    public IReadOnlyList<LoraSettings> MergedLoras { get; init; } = [];

    /// <summary>Gets the paths of components outside the model folder.</summary>
    public ModelPathOverrides Paths { get; init; } = new();

    /// <summary>
    /// Gets the folder for computed constants if the model folder is not writable, or null for a folder in the cache of the user.
    /// </summary>
    public string? CacheFolder { get; init; }
}
