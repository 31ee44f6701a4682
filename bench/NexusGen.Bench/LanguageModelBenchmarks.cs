using System.Globalization;
using NexusGen.Autoregressive;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>Two layers of the language model's official width in bfloat16, 40 tokens before: drawing a picture, and writing.</summary>
internal static class LanguageModelBenchmarks
{
    private const int Before = 40;

    private static readonly LanguageModelConfiguration Sizes =
        LanguageModelConfiguration.NexusGenV2 with { NumHiddenLayers = 2, VocabSize = 1024 };

    /// <summary>The one pass over a picture's 81 tokens and the two around it, against its floor and against single steps.</summary>
    public static void ImagePrediction()
    {
        using LanguageModel model = Model();
        using KeyValueCache cache = Prefilled(model);
        long count = Sizes.ImageTokens + 2;
        Tensor inputs = randn(1, count, Sizes.HiddenSize).to(ScalarType.BFloat16, Machine.Device);
        Tensor positions = Positions(count);
        MatrixProducts floor = Floor(model, count);
        floor.Linear(Sizes.ImageTokens, "vision_head");
        int[] slots = [0];
        void Pass()
        {
            Rewind(cache);
            model.ImageEmbeddings(model.Forward(inputs, positions, cache, slots).narrow(1, 0, Sizes.ImageTokens)).Dispose();
        }

        (double pass, double _) = new Comparison("image-prediction", 1.15) { Operations = floor.Operations, Repeats = 2 }.Run(Pass, floor.Run);
        (double steps, double once) = new Comparison("image-prediction, 81 steps") { FloorName = "one pass", Rounds = 3 }.Run(
            () =>
            {
                Rewind(cache);
                for (int i = 0; i < Sizes.ImageTokens; i++)
                {
                    using var scope = NewDisposeScope();
                    model.ImageEmbeddings(model.Forward(inputs.narrow(1, i, 1), positions.narrow(2, i, 1), cache, slots)).Dispose();
                }
            },
            Pass);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"image-prediction: one pass is {steps / once:0.0} times faster than 81 steps"));
    }

    /// <summary>One token against its matrix-vector products, and the share of the memory's speed.</summary>
    public static void Decode()
    {
        using LanguageModel model = Model();
        using KeyValueCache cache = Prefilled(model);
        Tensor input = randn(1, 1, Sizes.HiddenSize).to(ScalarType.BFloat16, Machine.Device), positions = Positions(1);
        MatrixProducts floor = Floor(model, 1, attention: false);
        int[] slots = [0];
        (double ours, double _) = new Comparison("decode", 1.05) { Bytes = floor.Bytes, Rounds = 31, Repeats = 4 }.Run(
            () =>
            {
                Rewind(cache);
                model.Forward(input, positions, cache, slots).Dispose();
            },
            floor.Run);
        MemorySpeed.Compare("decode", floor.Bytes / ours);
    }

    private static LanguageModel Model() =>
        new(new WeightSource(new RandomWeights(1), new LoadOptions(Machine.At(ScalarType.BFloat16))), Sizes);

    private static KeyValueCache Prefilled(LanguageModel model)
    {
        var cache = new KeyValueCache(Sizes, 1, 256, model.Placement);
        model.Forward(randn(1, Before, Sizes.HiddenSize).to(ScalarType.BFloat16, Machine.Device), Positions(Before), cache, [0]);
        return cache;
    }

    // Only the 40 tokens are left.
    private static void Rewind(KeyValueCache cache)
    {
        cache.Clear(0);
        cache.Advance([0], Before);
    }

    private static Tensor Positions(long count) => arange(Before, Before + count).to(Machine.Device).view(1, 1, -1).expand(3, 1, -1);

    private static MatrixProducts Floor(LanguageModel model, long rows, bool attention = true) =>
        Floor(new MatrixProducts(model, ScalarType.BFloat16), Sizes, rows, attention ? Before + rows : null);

    /// <summary>Adds the layers of a language model to a floor.</summary>
    /// <param name="floor">The floor.</param>
    /// <param name="sizes">The model's sizes.</param>
    /// <param name="rows">How many tokens pass.</param>
    /// <param name="keys">How many tokens they attend to, themselves among them; no attention where null.</param>
    /// <returns>The floor.</returns>
    public static MatrixProducts Floor(MatrixProducts floor, LanguageModelConfiguration sizes, long rows, long? keys)
    {
        for (int layer = 0; layer < sizes.NumHiddenLayers; layer++)
        {
            string name = $"model.layers.{layer}.";
            foreach (string linear in (string[])["q_proj", "k_proj", "v_proj"])
            {
                floor.Linear(rows, $"{name}self_attn.{linear}");
            }

            if (keys is not null)
            {
                floor.Attention(sizes.NumAttentionHeads, rows, keys.Value, sizes.HeadWidth, sizes.NumKeyValueHeads, causal: true);
            }

            floor.Linear(rows, name + "self_attn.o_proj");
            foreach (string linear in (string[])["gate_proj", "up_proj", "down_proj"])
            {
                floor.Linear(rows, $"{name}mlp.{linear}");
            }
        }

        return floor;
    }
}
