using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>A language model with random weights and so few words that it often begins to draw.</summary>
internal static class SmallModel
{
    public const int Image = 20;
    public const int Start = 21;
    public const int End = 22;
    public const int Eos = 23;

    public static LanguageModelConfiguration Configuration(GridThw drawn) => new()
    {
        HiddenSize = 32,
        IntermediateSize = 48,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        VocabSize = 24,
        MropeSection = [1, 1, 2],
        MaxPositionEmbeddings = 400,
        ImageTokenId = Image,
        VisionStartTokenId = Start,
        VisionEndTokenId = End,
        ImageTokens = (int)drawn.Tokens(),
        Vision = new VisionConfiguration { OutHiddenSize = 32 },
    };

    public static LanguageModel Create(GridThw drawn, ulong seed = 11) =>
        new(new WeightSource(new RandomWeights(seed), LoadOptions.Reference), Configuration(drawn));

    /// <summary>Words, and pictures of the given grids between them.</summary>
    public static ReplyPrompt Prompt(int words, params GridThw[] grids)
    {
        List<int> ids = [];
        foreach (GridThw grid in grids)
        {
            ids.AddRange([2, Start, .. Enumerable.Repeat(Image, (int)grid.Tokens()), End]);
        }

        ids.AddRange(Enumerable.Range(0, words).Select(i => ((i * 7) + words) % 19));
        long count = grids.Sum(grid => grid.Tokens());
        Tensor? embeddings = count == 0 ? null : randn([count, 32], generator: new Generator((ulong)words)).DetachFromDisposeScope();
        return new ReplyPrompt(ids, embeddings, grids);
    }

    public static ReplyOptions Options(GridThw drawn, ulong seed, int length) => new()
    {
        MaxNewTokens = length,
        DrawnGrid = drawn,
        EosTokenIds = [Eos],
        Sampling = new SamplingOptions { Temperature = 1, Seed = seed },
    };

    /// <summary>Writes the replies to their end.</summary>
    public static ReplyBatch Run(LanguageModel model, IReadOnlyList<(ReplyPrompt, ReplyOptions)> prompts, bool tokenByToken = false)
    {
        using IDisposable inference = no_grad();
        var batch = new ReplyBatch(model, prompts, tokenByToken);
        while (batch.Step())
        {
        }

        return batch;
    }

    /// <summary>The largest difference over the largest expected magnitude.</summary>
    public static double Error(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        return ((actual - expected).abs().max() / expected.abs().max()).item<float>();
    }
}
