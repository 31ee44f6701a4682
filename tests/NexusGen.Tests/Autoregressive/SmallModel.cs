using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>
/// A language model with random weights and so few words that sampled replies often contain images, several each.
/// </summary>
internal static class SmallModel
{
    public const int VisionStart = 13;
    public const int VisionEnd = 14;
    public const int ImageToken = 15;

    public static GridThw Grid { get; } = new(1, 6, 8);

    public static LanguageModelConfiguration Configuration { get; } = new()
    {
        HiddenSize = 48,
        IntermediateSize = 80,
        NumHiddenLayers = 3,
        NumAttentionHeads = 6,
        NumKeyValueHeads = 2,
        MropeSection = [1, 1, 2],
        RopeTheta = 1000,
        VocabSize = 16,
        VisionStartTokenId = VisionStart,
        VisionEndTokenId = VisionEnd,
        ImageTokenId = ImageToken,
        ImageTokens = 12,
        Vision = new VisionConfiguration
        {
            Depth = 3,
            HiddenSize = 32,
            IntermediateSize = 40,
            NumHeads = 2,
            OutHiddenSize = 48,
            FullattBlockIndexes = [1]
        },
    };

    public static LanguageModel Create(LanguageModelConfiguration? configuration = null, ulong seed = 3) =>
        new(new WeightSource(new RandomWeights(seed), LoadOptions.Reference), configuration ?? Configuration);

    /// <summary>Creates a prompt of words, with images of the given grids after the first word.</summary>
    public static TokenizedPrompt Prompt(int length, params GridThw[] grids)
    {
        List<int> ids = [1];
        foreach (GridThw grid in grids)
        {
            ids.AddRange([VisionStart, .. Enumerable.Repeat(ImageToken, (int)grid.Tokens()), VisionEnd]);
        }

        ids.AddRange(Enumerable.Range(0, length).Select(i => (i * 5) % 11));
        using var generator = new Generator((ulong)length);
        Tensor? embeddings = grids.Length == 0
            ? null
            : randn([grids.Sum(grid => grid.Tokens()), Configuration.HiddenSize], generator: generator);
        return new TokenizedPrompt(ids, embeddings, grids);
    }

    /// <summary>Creates options of sampling with a seed.</summary>
    public static GenerationOptions Sampled(ulong seed, int tokens = 60) =>
        new()
        {
            ImageGrid = Grid,
            MaxNewTokens = tokens,
            Sampling = new SamplingOptions { Seed = seed, RepetitionPenalty = 1.1, TopK = 14, TopP = 0.98 }
        };

    /// <summary>Generates all replies to their ends. The caller owns the batch and must dispose it.</summary>
    public static GenerationBatch Run(
        LanguageModel model, bool tokenByToken, params (TokenizedPrompt Prompt, GenerationOptions Options)[] prompts)
    {
        var batch = new GenerationBatch(model, prompts, tokenByToken);
        while (batch.Step())
        {
        }

        return batch;
    }

    public static void AssertClose(Tensor expected, Tensor actual, double relative = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        Tensor wide = expected.to(ScalarType.Float32);
        double error = (wide - actual.to(ScalarType.Float32)).abs().max().item<float>() / wide.abs().max().item<float>();
        Assert.True(error <= relative, $"differs by {error:0.0e0} of the largest value");
    }
}
