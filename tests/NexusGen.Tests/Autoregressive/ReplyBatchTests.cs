using NexusGen.Autoregressive;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Replies of a batch are those of single runs; when they end; what is refused.</summary>
public sealed class ReplyBatchTests : IDisposable
{
    private static readonly GridThw Grid = new(1, 4, 10);

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = SmallModel.Create(Grid);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void ABatchEqualsSingleRuns()
    {
        // Other lengths, with pictures and without, drawing at other times, once, twice, or never; two forced at once.
        (ReplyPrompt, ReplyOptions)[] prompts =
        [
            (SmallModel.Prompt(9, new GridThw(1, 6, 4)), Long(5)), (SmallModel.Prompt(3), Long(2)), (SmallModel.Prompt(31), Long(11)),
            (SmallModel.Prompt(9, new GridThw(1, 2, 2), new GridThw(1, 8, 6)), Long(3) with { ForceDrawing = true }),
            (SmallModel.Prompt(14), Long(4) with { ForceDrawing = true, Positions = PositionMode.Training }),
            (SmallModel.Prompt(5), Long(7) with { MaxNewTokens = 4 }), (SmallModel.Prompt(1), Long(8) with { DrawnGrid = new GridThw(1, 20, 2), ForceDrawing = true }),
            (SmallModel.Prompt(2) with { Ids = [1, SmallModel.Start] }, Long(9)),
        ];

        // Memory that is not zero: what is not filled yet must not reach what is.
        PoisonFreedMemory();
        using ReplyBatch batch = SmallModel.Run(_model, prompts);
        Assert.Contains(batch.Sequences, reply => reply.Drawn.Count > 1);
        Assert.Contains(batch.Sequences, reply => reply.Drawn.Count == 0);
        for (int i = 0; i < prompts.Length; i++)
        {
            using ReplyBatch single = SmallModel.Run(_model, [prompts[i]]);
            ReplySequence a = batch.Sequences[i], b = single.Sequences[0];
            Assert.Equal(b.GeneratedIds, a.GeneratedIds);
            Assert.Equal(b.Finish, a.Finish);
            Assert.Equal(b.Drawn.Count, a.Drawn.Count);
            Assert.All(a.Drawn.Zip(b.Drawn), pair => Assert.InRange(SmallModel.Error(pair.First, pair.Second), 0, 1e-5));
        }
    }

    [Fact]
    public void ABatchOfTheReferenceModelEqualsSingleRuns()
    {
        using var tiny = new LoadedModel();
        ReplyOptions options = new() { MaxNewTokens = 100, EosTokenIds = [2002], Sampling = new SamplingOptions { Temperature = 0, RepetitionPenalty = 1.05 } };
        (ReplyPrompt, ReplyOptions)[] prompts =
        [
            (tiny.Prompt("Generate an image according to the following description: A red cube on a blue table."), options),
            (tiny.Prompt("What is this?", "mini.png"), options), (tiny.Prompt("一只猫", "wide.png", "small.png"), options with { ForceDrawing = true }),
        ];
        using ReplyBatch batch = SmallModel.Run(tiny.Language, prompts);
        for (int i = 0; i < prompts.Length; i++)
        {
            using ReplyBatch single = SmallModel.Run(tiny.Language, [prompts[i]]);
            Assert.Equal(single.Sequences[0].GeneratedIds, batch.Sequences[i].GeneratedIds);
            Assert.All(batch.Sequences[i].Drawn.Zip(single.Sequences[0].Drawn), pair => Assert.InRange(SmallModel.Error(pair.First, pair.Second), 0, 1e-5));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(11)]
    [InlineData(12)]
    public void ABudgetThatEndsInsideAPictureFinishesIt(int budget)
    {
        using ReplyBatch batch = SmallModel.Run(_model, [(SmallModel.Prompt(9), Long(5) with { MaxNewTokens = budget, ForceDrawing = true })]);
        ReplySequence reply = batch.Sequences[0];
        Assert.Equal([SmallModel.Start, .. Enumerable.Repeat(SmallModel.Image, 10), SmallModel.End], reply.GeneratedIds);
        Assert.Equal(FinishReason.Length, reply.Finish);
        Assert.Equal([10, 32], Assert.Single(reply.Drawn).shape);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(33)]
    public void ABudgetInTextIsKept(int budget)
    {
        using ReplyBatch batch = SmallModel.Run(_model, [(SmallModel.Prompt(9, new GridThw(1, 6, 4)), Long(3) with { MaxNewTokens = budget })]);
        Assert.Equal(budget, batch.Sequences[0].GeneratedCount);
        Assert.Equal(FinishReason.Length, batch.Sequences[0].Finish);
    }

    [Fact]
    public void TheReplyEndsWithTheEndTokenOrTheStop()
    {
        ReplyPrompt prompt = SmallModel.Prompt(9, new GridThw(1, 6, 4));
        using ReplyBatch whole = SmallModel.Run(_model, [(prompt, Long(3))]);
        IReadOnlyList<int> ids = whole.Sequences[0].GeneratedIds;
        int eos = ids.ToList().IndexOf(SmallModel.Eos);
        Assert.InRange(eos, 1, 30);
        using ReplyBatch ended = SmallModel.Run(_model, [(prompt, Long(3) with { EosTokenIds = [99, SmallModel.Eos] })]);
        Assert.Equal(ids.Take(eos + 1), ended.Sequences[0].GeneratedIds);
        Assert.Equal(FinishReason.EndOfReply, ended.Sequences[0].Finish);

        List<int> lengths = [];
        bool Stop(IReadOnlyList<int> reply)
        {
            lengths.Add(reply.Count);
            return reply is [.., var a, var b] && a == ids[3] && b == ids[4];
        }

        using ReplyBatch stopped = SmallModel.Run(_model, [(prompt, Long(3) with { StopWhen = Stop })]);
        Assert.Equal(ids.Take(5), stopped.Sequences[0].GeneratedIds);
        Assert.Equal(FinishReason.StopSequence, stopped.Sequences[0].Finish);
        Assert.Equal([1, 2, 3, 4, 5], lengths);
    }

    [Fact]
    public void TheEndOfAPictureIsNeverChosen()
    {
        using ReplyBatch batch = SmallModel.Run(_model, [(SmallModel.Prompt(9), Long(1) with { MaxNewTokens = 250, Sampling = new() { Temperature = 50 } })]);
        IReadOnlyList<int> ids = batch.Sequences[0].GeneratedIds;
        Assert.True(batch.Sequences[0].Drawn.Count > 0);
        Assert.Equal(batch.Sequences[0].Drawn.Count, ids.Count(id => id == SmallModel.End));
    }

    [Fact]
    public void TheSameSeedIsTheSameReply()
    {
        ReplyPrompt prompt = SmallModel.Prompt(9);
        int[][] replies = [.. new ulong[] { 5, 5, 6 }.Select(seed =>
        {
            using ReplyBatch batch = SmallModel.Run(_model, [(prompt, Long(seed) with { MaxNewTokens = 30 })]);
            return batch.Sequences[0].GeneratedIds.ToArray();
        })];
        Assert.Equal(replies[0], replies[1]);
        Assert.NotEqual(replies[0], replies[2]);
    }

    [Fact]
    public void AlmostNoTemperatureIsGreedyWhateverTheSeed()
    {
        int[] Reply(double temperature, ulong seed)
        {
            ReplyOptions options = Long(seed) with { MaxNewTokens = 40, Sampling = new SamplingOptions { Temperature = temperature, Seed = seed, TopK = 50 } };
            using ReplyBatch batch = SmallModel.Run(_model, [(SmallModel.Prompt(9), options)]);
            return [.. batch.Sequences[0].GeneratedIds];
        }

        Assert.Equal(Reply(0, 1), Reply(1e-6, 2));
        Assert.NotEqual(Reply(0, 1), Reply(1, 2));
    }

    [Fact]
    public void EventsTellOfTokensAndPictures()
    {
        using IDisposable inference = no_grad();
        using var batch = new ReplyBatch(_model, [(SmallModel.Prompt(9, new GridThw(1, 6, 4)), Long(5)), (SmallModel.Prompt(3), Long(2) with { MaxNewTokens = 3 })]);
        List<int>[] tokens = [[], []];
        List<(int, int)> pictures = [];
        batch.TokenWritten += (row, token) => tokens[row].Add(token);
        batch.PictureDrawn += (row, number) => pictures.Add((row, number));
        while (batch.Step())
        {
        }

        Assert.Equal([(0, 0), (0, 1)], pictures);
        List<int> text = [.. batch.Sequences[0].GeneratedIds];
        for (int start = text.IndexOf(SmallModel.Start); start >= 0; start = text.IndexOf(SmallModel.Start, start + 1))
        {
            text.RemoveRange(start + 1, 11);
        }

        Assert.Equal(text, tokens[0]);
        Assert.Equal(batch.Sequences[1].GeneratedIds, tokens[1]);
        Assert.False(batch.Step());
    }

    private static ReplyOptions Long(ulong seed) => SmallModel.Options(Grid, seed, 60) with { EosTokenIds = [] };

    // The sizes that a cache's tensors may have, left as NaN for whoever is given the memory next.
    private static void PoisonFreedMemory()
    {
        for (int slots = 1; slots <= 8; slots++)
        {
            for (int length = 64; length <= 256; length += 8)
            {
                using Tensor a = full([slots * length * 16], float.NaN), b = full([slots * length * 16], float.NaN);
            }
        }
    }
}
