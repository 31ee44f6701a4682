using NexusGen.Lora;
using NexusGen.Weights.Modules;

namespace NexusGen.Training.Configuration;

/// <summary>
/// The section <c>lora</c> of a configuration: low-rank changes of linear layers are trained (arXiv 2106.09685), and the model's
/// weights stay as they are.
/// </summary>
internal sealed record LoraSection
{
    /// <summary>The rank that is used if none is given.</summary>
    public const int DefaultRank = 16;

    /// <summary>The rank; null for 16, or for the ranks of the file that from names.</summary>
    public int? Rank { get; init; }

    /// <summary>α: the changes are scaled by α divided by the rank; null for the rank, which is a scale of 1.</summary>
    public double? Alpha { get; init; }

    /// <summary>Whether the scale is α divided by the root of the rank (rank-stabilized LoRA, arXiv 2312.03732).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>
    /// The layers that change: ends of their official names such as q_proj or attn.a_to_qkv, whole names with * for any text, or
    /// all-linear. Empty for the defaults of the stage.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The fraction of the inputs of the first half that are set to zero in training.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// A LoRA file or adapter folder to go on from; ranks, scales and layers are then those of the file. null to begin anew.
    /// </summary>
    public string? From { get; init; }

    /// <summary>
    /// The form of the written file: peft for the language model; diffsynth, diffusers or kohya for the decoders. null for peft
    /// and diffsynth.
    /// </summary>
    public LoraForm? Format { get; init; }

    /// <summary>
    /// How the frozen linear weights are kept in memory: dense (in the training's precision), bf16, fp8, int8, int4, or stored
    /// (the blocks of a GGUF file). They are memory-mapped if the file has that form.
    /// </summary>
    public LoraStorage Weights { get; init; }

    /// <summary>Gets the storage format of the frozen linear layers.</summary>
    internal LinearFormat LinearFormat => Weights switch
    {
        LoraStorage.Fp8 => DenseFormat.Float8,
        LoraStorage.Int8 => Int8Format.Instance,
        LoraStorage.Int4 => BlockedFormat.Int4,
        LoraStorage.Stored => BlockedFormat.Stored,
        _ => DenseFormat.Instance,
    };

    /// <summary>
    /// The memory for the frozen weights of the trained component in GB; transformer blocks that don't fit are read at each use.
    /// null for no limit. Requires gradient_checkpointing.
    /// </summary>
    public double? MemoryBudget { get; init; }

    /// <summary>Returns each invalid setting as a sentence.</summary>
    internal IEnumerable<string> Problems() =>
    [
        .. Rule(Rank < 1, "rank must be at least 1"),
        .. Rule(Alpha is { } alpha && !(alpha > 0 && double.IsFinite(alpha)), "alpha must be above 0"),
        .. Rule(!(Dropout is >= 0 and < 1), "dropout must be at least 0 and below 1"),
        .. Rule(Targets.Any(string.IsNullOrWhiteSpace), "targets must not be empty texts"),
        .. Rule(
            From is not null && (Rank is not null || Alpha is not null || RankStabilized || Targets.Count > 0),
            "from has ranks, scales and layers of its own; leave out rank, alpha, rank_stabilized and targets"),
        .. Rule(MemoryBudget is { } budget && !(budget > 0 && double.IsFinite(budget)), "memory_budget must be above 0, or null"),
    ];

    private static IEnumerable<string> Rule(bool wrong, string sentence) => wrong ? [$"lora.{sentence}"] : [];
}
