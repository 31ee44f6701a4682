using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of replies that join and leave a batch while others are generated.</summary>
public sealed class OpenBatchTests : InferenceTest
{
    private readonly (TokenizedPrompt Prompt, GenerationOptions Options)[] _prompts =
    [
        (SmallModel.Prompt(4), SmallModel.Sampled(1)),
        (SmallModel.Prompt(19, new GridThw(1, 4, 6), new GridThw(1, 2, 2)), SmallModel.Sampled(2)),
        (SmallModel.Prompt(2), SmallModel.Sampled(3, tokens: 3)),
        (SmallModel.Prompt(7, new GridThw(1, 8, 4)), SmallModel.Sampled(4) with { ForceImage = true }),
        (SmallModel.Prompt(30), SmallModel.Sampled(5, tokens: 90) with { ImageGrid = new GridThw(1, 4, 12) }),
        (SmallModel.Prompt(5), SmallModel.Sampled(6) with { Positions = PositionMode.Training }),
        (SmallModel.Prompt(11), SmallModel.Sampled(7, tokens: 150) with { Positions = PositionMode.Training, Plain = true }),
    ];

    private readonly PassCounter _counter = new();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public void AReplyThatJoinsInTheMiddleEqualsItselfAlone(int between)
    {
        using LanguageModel model = SmallModel.Create();
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        GenerationSequence?[] replies = new GenerationSequence?[_prompts.Length];
        int steps = 0, checkedReplies = 0;
        do
        {
            if (steps % between == 0 && steps / between < _prompts.Length)
            {
                int next = steps / between;
                replies[next] = batch.TryAdd(_prompts[next].Prompt, _prompts[next].Options);
                Assert.NotNull(replies[next]);
            }

            batch.Step();
            steps++;

            // Sequences that have ended leave, and later ones get their slots.
            for (int i = 0; i < replies.Length; i++)
            {
                if (replies[i] is { IsGoing: false } ended)
                {
                    Assert.Null(ended.Fault);
                    AssertEqualsItselfAlone(model, i, ended);
                    batch.Remove(ended);
                    replies[i] = null;
                    checkedReplies++;
                }
            }
        }
        while (batch.Sequences.Count > 0 || steps / between < _prompts.Length);

        Assert.Equal(_prompts.Length, checkedReplies);
        Assert.True(_counter.MostRows > 1);
        Assert.Equal(steps, _counter.Passes);
    }

    [Fact]
    public void AReplyThatLeavesChangesNoOtherAndLeavesNothing()
    {
        using LanguageModel model = SmallModel.Create();
        using (NewDisposeScope())
        {
            LeaveInTheMiddle(model);
        }

        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            LeaveInTheMiddle(model);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void WhatGoesWrongWithOneReplyEndsThatOneAlone()
    {
        using LanguageModel model = SmallModel.Create();
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        var thrown = new InvalidTimeZoneException();
        GenerationSequence good = Add(batch, 0);
        GenerationSequence stopped = batch.TryAdd(
            _prompts[4].Prompt,
            _prompts[4].Options with { StopWhen = ids => ids.Count > 3 ? throw thrown : false })!;
        GenerationSequence unheard = Add(batch, 5);
        unheard.TokenGenerated += _ => throw thrown;
        TokenizedPrompt damaged = SmallModel.Prompt(6, new GridThw(1, 4, 6));
        GenerationSequence strange = batch.TryAdd(
            damaged with { ImageEmbeddings = full_like(damaged.ImageEmbeddings!, float.NaN) }, SmallModel.Sampled(1))!;
        GenerationSequence alsoGood = Add(batch, 3);
        while (batch.Step())
        {
        }

        Assert.Same(thrown, stopped.Fault);
        Assert.Same(thrown, unheard.Fault);
        Assert.Contains("not numbers", Assert.IsType<NexusGenException>(strange.Fault).Message);
        AssertEqualsItselfAlone(model, 0, good);
        AssertEqualsItselfAlone(model, 3, alsoGood);
    }

    [Fact]
    public void APromptThatIsRefusedLeavesTheOthers()
    {
        using LanguageModel model = SmallModel.Create();
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        GenerationSequence good = Add(batch, 1);
        batch.Step();
        Assert.Throws<NexusGenException>(() => batch.TryAdd(SmallModel.Prompt(1) with { Ids = [1, 16] }, SmallModel.Sampled(1)));
        Assert.Throws<NexusGenException>(() => batch.TryAdd(
            SmallModel.Prompt(1),
            new GenerationOptions { ImageGrid = SmallModel.Grid, Sampling = new() { Temperature = -1 } }));
        Assert.Same(good, Assert.Single(batch.Sequences));
        while (batch.Step())
        {
        }

        AssertEqualsItselfAlone(model, 1, good);
    }

    [Fact]
    public void APassThatFailsEndsAllThatSharedIt()
    {
        LanguageModel model = SmallModel.Create();
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        GenerationSequence first = Add(batch, 0), second = Add(batch, 4);
        for (int i = 0; i < 3; i++)
        {
            batch.Step();
        }

        GenerationSequence unread = Add(batch, 1);
        model.Dispose();
        Assert.True(batch.Step());
        Assert.NotNull(unread.Fault);
        Assert.Null(first.Fault);
        Assert.False(batch.Step());
        Assert.NotNull(first.Fault);
        Assert.Same(first.Fault, second.Fault);
    }

    [Fact]
    public void NobodyWaitsForEverWhileOthersCome()
    {
        using LanguageModel model = SmallModel.Create();
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        GenerationSequence writing = batch.TryAdd(SmallModel.Prompt(4), SmallModel.Sampled(1, tokens: 1000))!;
        GenerationSequence drawing = batch.TryAdd(
            SmallModel.Prompt(4),
            SmallModel.Sampled(2, tokens: 1000) with { ForceImage = true, ImageGrid = new GridThw(1, 4, 12) })!;
        for (int i = 0; i < 200; i++)
        {
            // Prefill comes first, and there is always a sequence that needs it.
            GenerationSequence passing = batch.TryAdd(SmallModel.Prompt(3), SmallModel.Sampled((ulong)i, tokens: 1))!;
            batch.Step();
            batch.Step();
            foreach (GenerationSequence ended in batch.Sequences
                .Where(sequence => sequence != writing && sequence != drawing && !sequence.IsGoing).ToArray())
            {
                batch.Remove(ended);
            }
        }

        Assert.True(writing.GeneratedCount > 10, $"{writing.GeneratedCount} tokens");
        Assert.True(drawing.GeneratedCount > 10, $"{drawing.GeneratedCount} tokens");
    }

    [Fact]
    public void MemoryIsNotSharedWithAReplyThatIsMuchLonger()
    {
        using LanguageModel model = SmallModel.Create();
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        Assert.NotNull(batch.TryAdd(SmallModel.Prompt(4), SmallModel.Sampled(1)));
        Assert.NotNull(batch.TryAdd(SmallModel.Prompt(4), SmallModel.Sampled(1, tokens: 10_000)));
        Assert.Null(batch.TryAdd(SmallModel.Prompt(4), SmallModel.Sampled(1, tokens: 20_000)));
        Assert.Null(batch.TryAdd(SmallModel.Prompt(4), SmallModel.Sampled(1)));
        Assert.Equal(2, batch.Sequences.Count);
    }

    private GenerationSequence Add(GenerationBatch batch, int number) =>
        batch.TryAdd(_prompts[number].Prompt, _prompts[number].Options)!;

    private void LeaveInTheMiddle(LanguageModel model)
    {
        using GenerationBatch batch = GenerationBatch.Open(model, _counter);
        GenerationSequence[] replies = [.. Enumerable.Range(0, 6).Select(number => Add(batch, number))];
        for (int i = 0; i < 14; i++)
        {
            batch.Step();
        }

        Assert.True(replies[1].IsGoing && replies[4].IsGoing);
        batch.Remove(replies[1]);
        batch.Step();
        batch.Remove(replies[4]);
        while (batch.Step())
        {
        }

        foreach (int number in (int[])[0, 2, 3, 5])
        {
            AssertEqualsItselfAlone(model, number, replies[number]);
        }
    }

    private void AssertEqualsItselfAlone(LanguageModel model, int number, GenerationSequence reply)
    {
        using GenerationBatch alone = SmallModel.Run(model, false, _prompts[number]);
        GenerationSequence expected = alone.Sequences[0];
        Assert.Equal(expected.GeneratedIds, reply.GeneratedIds);
        Assert.Equal(expected.Finish, reply.Finish);
        Assert.Equal(expected.ImageEmbeddings.Count, reply.ImageEmbeddings.Count);
        foreach ((Tensor first, Tensor second) in expected.ImageEmbeddings.Zip(reply.ImageEmbeddings))
        {
            SmallModel.AssertClose(first, second);
        }
    }
}
