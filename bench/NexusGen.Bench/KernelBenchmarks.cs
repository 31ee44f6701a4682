using System.Diagnostics;
using System.Globalization;
using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>What stands between FLUX's matrix products, piece by piece, at the shapes of a single-stream block in bfloat16.</summary>
internal static class KernelBenchmarks
{
    private const int Tokens = 1105;
    private const int Rounds = 15;

    /// <summary>Prints a line a piece.</summary>
    public static void Run()
    {
        var c = FluxConfiguration.FluxDev;
        var source = new WeightSource(new RandomWeights(1), new LoadOptions(new Placement(CPU, ScalarType.BFloat16)));
        using var norm = new RmsNorm(source["norm"], c.HeadWidth, 1e-6);
        Tensor x = Random(Tokens, c.HiddenSize), wide = Random(Tokens, 21504), row = Random(1, c.HiddenSize);
        Tensor weight1 = Random(21504, c.HiddenSize)[0], weight2 = Random(c.HiddenSize, 5 * c.HiddenSize)[0], joined = Random(Tokens, 5 * c.HiddenSize);
        Tensor q = rand(1, c.NumHeads, Tokens, c.HeadWidth).to(ScalarType.BFloat16);
        var rotary = new FluxRotary(rand(1, 1, Tokens, c.HeadWidth), rand(1, 1, Tokens, c.HeadWidth));
        Tensor change = x.clone();
        Time("linear1", () => nn.functional.linear(x, weight1), 0);
        Time("linear2", () => nn.functional.linear(joined, weight2), 0);
        Time("attention", () => Ops.Attention(q, q, q), 0);
        Time("projections to attention's output", () => FluxAttention.Attend(rotary, new FluxProjection(wide, c.NumHeads, norm, norm)), 0);
        Time("norm and modulate", () => FluxOps.NormAndModulate(x, row, row), 2 * x.NumberOfElements);
        Time("join with GELU", () => FluxOps.JoinWithGelu(x, wide), 2 * joined.NumberOfElements);
        Time("gated residual", () => FluxOps.AddGated(x, row, change).alias(), 3 * x.NumberOfElements);
        Time("a new tensor of 47 MB, filled", () => zeros(wide.shape, dtype: ScalarType.BFloat16), wide.NumberOfElements);
    }

    private static Tensor Random(long rows, long columns) => (rand(1, rows, columns) - 0.5).to(ScalarType.BFloat16);

    private static void Time(string name, Func<Tensor> action, double elements)
    {
        List<double> seconds = [];
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action().Dispose();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        double median = Comparison.Median(seconds);
        string speed = elements > 0 ? $", {elements * 2 / median / 1e9:0.0} GB/s" : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kernels: {name} {median * 1e3:0.00} ms{speed}"));
    }
}
