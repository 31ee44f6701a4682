using System.Globalization;
using NexusGen.Autoregressive;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// Two layers of the language model at the official width, after 40 tokens: image prediction and decoding.
/// </summary>
internal static class LanguageModelBenchmarks
{
    private const int Before = 40;

    private static readonly LanguageModelConfiguration Sizes =
        LanguageModelConfiguration.NexusGenV2 with { NumHiddenLayers = 2, VocabSize = 1024 };

    /// <summary>
    /// Compares the forward pass over the 81 tokens of an image and the two around them with its floor, and 81 single steps with
    /// it.
    /// </summary>
    public static void ImagePrediction()
    {
        using LanguageModel model = Model();
        using KeyValueCache cache = Prefilled(model);
        long count = Sizes.ImageTokens + 2;
        Tensor inputs = randn(1, count, Sizes.HiddenSize).to(Machine.Precision, Machine.Device);
        Tensor positions = Positions(count);
        using LanguageModel? wide = Wide();
        MatrixProducts floor = Floor(wide ?? model, count);
        floor.Linear(Sizes.ImageTokens, "vision_head");
        int[] slots = [0];
        void Pass()
        {
            Rewind(cache);
            model.ImageEmbeddings(model.Forward(inputs, positions, cache, slots).narrow(1, 0, Sizes.ImageTokens)).Dispose();
        }

        double goal = Machine.Format == Int8Format.Instance ? 0.75 : 1.15;
        var image = new Comparison($"image-prediction{Machine.Suffix}", goal) { Operations = floor.Operations, Repeats = 2 };
        image.Run(Pass, floor.Run);
        var single = new Comparison($"image-prediction, 81 steps{Machine.Suffix}") { FloorName = "one pass", Rounds = 3 };
        (double steps, double once) = single.Run(
            () =>
            {
                Rewind(cache);
                for (int i = 0; i < Sizes.ImageTokens; i++)
                {
                    using var scope = NewDisposeScope();
                    model.ImageEmbeddings(model.Forward(inputs.narrow(1, i, 1), positions.narrow(2, i, 1), cache, slots))
                        .Dispose();
                }
            },
            Pass);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"image-prediction: one pass is {steps / once:0.0} times faster than 81 steps"));
    }

    /// <summary>Compares one token with its matrix-vector products, and its speed with that of memory.</summary>
    public static void Decode()
    {
        using LanguageModel model = Model();
        using KeyValueCache cache = Prefilled(model);
        Tensor input = randn(1, 1, Sizes.HiddenSize).to(Machine.Precision, Machine.Device), positions = Positions(1);
        using LanguageModel? wide = Wide();
        MatrixProducts floor = Floor(wide ?? model, 1, attention: false);
        int[] slots = [0];
        var token = new Comparison($"decode{Machine.Suffix}", 1.05) { Bytes = floor.Bytes, Rounds = 31, Repeats = 4 };
        (double ours, double _) = token.Run(
            () =>
            {
                Rewind(cache);
                model.Forward(input, positions, cache, slots).Dispose();
            },
            floor.Run);
        double bytes = wide is null ? floor.Bytes : model.Parameters.Where(IsRead).Sum(parameter => parameter.ByteLength);
        MemorySpeed.Compare($"decode{Machine.Suffix}", bytes / ours);
    }

    private static LanguageModel Model() => new(new WeightSource(new RandomWeights(1), Machine.Options), Sizes);

    // The dense model of the floor, or null if the measured one is dense.
    private static LanguageModel? Wide() => Machine.Format == DenseFormat.Instance
        ? null
        : new(new WeightSource(new RandomWeights(1), Machine.Dense), Sizes);

    private static KeyValueCache Prefilled(LanguageModel model)
    {
        var cache = new KeyValueCache(Sizes, 1, 256, model.Placement);
        model.Forward(randn(1, Before, Sizes.HiddenSize).to(Machine.Precision, Machine.Device), Positions(Before), cache, [0]);
        return cache;
    }

    // Embeddings and heads are not.
    private static bool IsRead(Parameter parameter) => parameter.Name.StartsWith("model.layers.", StringComparison.Ordinal);

    // Keeps only the first 40 tokens.
    private static void Rewind(KeyValueCache cache)
    {
        cache.Clear(0);
        cache.Advance([0], Before);
    }

    private static Tensor Positions(long count) =>
        arange(Before, Before + count).to(Machine.Device).view(1, 1, -1).expand(3, 1, -1);

    private static MatrixProducts Floor(LanguageModel model, long rows, bool attention = true) =>
        Floor(new MatrixProducts(model, Machine.Precision), Sizes, rows, attention ? Before + rows : null);

    /// <summary>Adds the layers of a language model to a floor.</summary>
    /// <param name="floor">The floor.</param>
    /// <param name="sizes">The configuration of the model.</param>
    /// <param name="rows">The number of tokens in the forward pass.</param>
    /// <param name="keys">The number of tokens that they attend to, including themselves, or null for no attention.</param>
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
