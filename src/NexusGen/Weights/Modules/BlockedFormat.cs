using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Stores the weight in blocks of few bits with scales of their own, in ggml's types. For many rows the blocks are widened tile
/// by tile into the ordinary product; for one row they are widened in registers.
/// </summary>
/// <remarks>
/// A matrix that a file stores in such blocks (GGUF) is used as it is, memory-mapped if possible; any other one is converted when
/// it is loaded. A matrix whose rows are not whole blocks is stored as <see cref="DenseFormat"/> does.
/// </remarks>
public sealed class BlockedFormat : LinearFormat
{
    // Q6_K's. What a file stores in more bits is converted, since fewer were asked for.
    private const double MostBits = 6.6;

    private readonly GgmlType? _type;
    private readonly double _mostBits;
    private readonly BlockedFormat? _vocabulary;

    private BlockedFormat(string name, string? type, double mostBits, BlockedFormat? vocabulary = null)
        : base(name)
    {
        _type = type is null ? null : GgmlTypes.Find(type);
        _mostBits = mostBits;
        _vocabulary = vocabulary;
    }

    /// <summary>
    /// Gets the format with 4.5 bits a weight (ggml's Q4_K), 0.28 of bfloat16's bytes. The scores of the vocabulary have 6.6 bits
    /// (Q6_K), and what a file stores in blocks of at most 6.6 bits stays as it is.
    /// </summary>
    public static BlockedFormat Int4 { get; } = new("int4", "Q4_K", MostBits, new BlockedFormat("int6", "Q6_K", MostBits));

    /// <summary>
    /// Gets the format in which all matrices that a file stores in blocks (GGUF) stay as they are, and all others are dense.
    /// </summary>
    public static BlockedFormat Stored { get; } = new("stored", null, double.MaxValue);

    /// <inheritdoc/>
    internal override LinearFormat Ends => _type is null ? this : DenseFormat.Instance;

    /// <inheritdoc/>
    internal override LinearFormat Vocabulary => _vocabulary ?? this;

    /// <inheritdoc/>
    internal override LinearWeight Load(WeightSource source, long outFeatures, long inFeatures, Initialization initialization)
    {
        if (source.IsShapesOnly)
        {
            return _type?.Blocks is { } blocks && inFeatures % blocks.Values == 0
                ? new BlockWeight(
                    source.Parameter(
                        "weight", [outFeatures, inFeatures / blocks.Values * blocks.Bytes], initialization, ScalarType.Byte),
                    blocks,
                    inFeatures)
                : Dense();
        }

        bool onCpu = source.Options.Placement.Device.type == TorchSharp.DeviceType.CPU;
        if (source.TryPacked("weight", [outFeatures, inFeatures], Keeps) is { } packed)
        {
            return new BlockWeight(source.Parameter("weight", packed.Numbers), packed.Blocks!, inFeatures);
        }

        if (_type?.Blocks is not { } own || inFeatures % own.Values != 0)
        {
            return Dense();
        }

        using Tensor weight = source.Unconverted("weight", [outFeatures, inFeatures], initialization);
        Tensor bytes = BlockMatrix.Quantize(weight, _type);
        if (!onCpu)
        {
            using Tensor local = bytes;
            bytes = local.to(source.Options.Placement.Device);
        }

        return new BlockWeight(source.Parameter("weight", bytes), own, inFeatures);

        LinearWeight Dense() => DenseFormat.Instance.Load(source, outFeatures, inFeatures, initialization);

        bool Keeps(BlockFormat? stored) =>
            stored is not null && 8.0 * stored.Bytes / stored.Values <= _mostBits && (onCpu || DeviceBlocks.Supports(stored));
    }
}
