using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// Linear layers of the official sizes in each storage format, against the same layer as a dense matrix in the precision that is
/// measured; and libtorch's integer product alone, which bounds int8 from below.
/// </summary>
internal static class StoredWeightBenchmark
{
    private static readonly (string Name, long Rows, long In, long Out)[] Layers =
    [
        ("FLUX mlp.0", 1105, 3072, 12288),
        ("FLUX linear2", 1105, 15360, 3072),
        ("language model gate_proj", 83, 3584, 18944),
        ("language model gate_proj, one token", 1, 3584, 18944),
    ];

    /// <summary>Measures all formats, or the one that is named.</summary>
    public static void Run()
    {
        (string Name, LoadOptions Options)[] formats = [.. Formats()];
        foreach ((string name, long rows, long inner, long outputs) in Layers)
        {
            using Linear dense = Layer(Machine.Dense, inner, outputs);
            using Tensor input = randn(1, rows, inner).to(Machine.Precision, Machine.Device);
            double operations = 2.0 * rows * inner * outputs;
            foreach ((string format, LoadOptions options) in formats)
            {
                using Linear stored = Layer(options, inner, outputs);
                new Comparison($"stored-weight, {name}, {format}")
                {
                    FloorName = "dense",
                    Operations = operations,
                    Rounds = 5,
                    Repeats = rows == 1 ? 20 : 1,
                }.Run(() => stored.Forward(input).Dispose(), () => dense.Forward(input).Dispose());
            }

            if (formats.Any(format => format.Options.LinearFormat == Int8Format.Instance))
            {
                using Tensor left = randint(-127, 128, [rows, inner], ScalarType.Int8, Machine.Device);
                using Tensor right = randint(-127, 128, [outputs, inner], ScalarType.Int8, Machine.Device), turned = right.t();
                new Comparison($"stored-weight, {name}, integer product alone")
                {
                    FloorName = "dense",
                    Operations = operations,
                    Rounds = 5,
                    Repeats = rows == 1 ? 20 : 1,
                }.Run(() => Ops.IntegerProduct(left, turned).Dispose(), () => dense.Forward(input).Dispose());
            }
        }
    }

    private static IEnumerable<(string Name, LoadOptions Options)> Formats()
    {
        if (Machine.Format != DenseFormat.Instance)
        {
            return [(Machine.Format.Name, Machine.Options)];
        }

        LinearFormat[] formats =
            [DenseFormat.Float8, Int8Format.Instance, BlockedFormat.Int4, BlockedFormat.Int4.Vocabulary];
        var half = new LoadOptions(Machine.At(Machine.Precision) with { Storage = ScalarType.BFloat16 });
        return formats.Select(format => (format.Name, Machine.Dense with { LinearFormat = format }))
            .Concat(Machine.Precision == ScalarType.BFloat16 ? [] : [("bfloat16", half)]);
    }

    private static Linear Layer(LoadOptions options, long inner, long outputs) =>
        new(new WeightSource(new RandomWeights(1), options)["layer"], inner, outputs, bias: false);
}
