using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// The largest linear layer of the 7B model with weights in bfloat16 that are computed with in float32, against float32 and
/// against bfloat16 throughout: for one token, and for the 81 positions of an image.
/// </summary>
internal static class StoredWeightBenchmark
{
    private const long In = 3584, Out = 18944;

    public static void Run()
    {
        using var stored = Layer(new Placement(CPU, ScalarType.Float32) { Storage = ScalarType.BFloat16 });
        using var wide = Layer(new Placement(CPU, ScalarType.Float32));
        using var narrow = Layer(new Placement(CPU, ScalarType.BFloat16));
        foreach (int rows in new[] { 1, 81 })
        {
            using Tensor input = randn(1, rows, In), narrowInput = input.to(ScalarType.BFloat16);
            new Comparison($"stored-weight, {rows} rows") { FloorName = "float32", Bytes = 2 * In * Out, Rounds = 5 }.Run(
                () => stored.Forward(input).Dispose(), () => wide.Forward(input).Dispose());
            new Comparison($"stored-weight, {rows} rows") { FloorName = "bfloat16", Bytes = 2 * In * Out, Rounds = 3 }.Run(
                () => stored.Forward(input).Dispose(), () => narrow.Forward(narrowInput).Dispose());
        }
    }

    private static Linear Layer(Placement placement) =>
        new(new WeightSource(new RandomWeights(1), new LoadOptions(placement))["layer"], In, Out, bias: false);
}
