using NexusGen.Autoregressive;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of the ends of replies and of the events up to there.</summary>
public sealed class ReplyEndTests : InferenceTest
{
    private static readonly int Pass = SmallModel.Configuration.ImageTokens + 1;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(16)]
    public void TheBudgetCountsImageTokensAndAPictureIsFinished(int budget)
    {
        using LanguageModel model = SmallModel.Create();
        TokenizedPrompt prompt = SmallModel.Prompt(3);
        using GenerationBatch batch = SmallModel.Run(
            model,
            false,
            (prompt with { Ids = [.. prompt.Ids, SmallModel.VisionStart] }, SmallModel.Sampled(1, budget)));
        GenerationSequence reply = batch.Sequences[0];
        Assert.Equal(FinishReason.Length, reply.Finish);
        Assert.Equal([12L, 48], reply.ImageEmbeddings[0].shape);
        Assert.Equal([.. Enumerable.Repeat(SmallModel.ImageToken, 12), SmallModel.VisionEnd], reply.GeneratedIds.Take(Pass));
        Assert.Equal(0, (reply.GeneratedCount - Math.Max(budget, Pass)) % (Pass));
    }

    [Fact]
    public void AReplyEndsWhereTheModelsPositionsEnd()
    {
        using LanguageModel model = SmallModel.Create(SmallModel.Configuration with { MaxPositionEmbeddings = 60 });
        for (ulong seed = 0; seed < 6; seed++)
        {
            using GenerationBatch batch = SmallModel.Run(
                model, false, (SmallModel.Prompt(20), SmallModel.Sampled(seed, tokens: 1000)));
            GenerationSequence reply = batch.Sequences[0];
            Assert.Equal(FinishReason.Length, reply.Finish);
            Assert.InRange(21 + reply.GeneratedCount, 40, 60);
        }
    }

    [Fact]
    public void EndTokensAndTheCallersStopEndAReply()
    {
        using LanguageModel model = SmallModel.Create();
        TokenizedPrompt prompt = SmallModel.Prompt(4);
        using GenerationBatch free = SmallModel.Run(model, false, (prompt, SmallModel.Sampled(12)));
        int[] ids = [.. free.Sequences[0].GeneratedIds];
        int word = ids.First(id => id < SmallModel.VisionStart), at = Array.IndexOf(ids, word);

        using GenerationBatch ended = SmallModel.Run(
            model, false, (prompt, SmallModel.Sampled(12) with { EosTokenIds = [word] }));
        Assert.Equal(FinishReason.EndOfReply, ended.Sequences[0].Finish);
        Assert.Equal(ids[..(at + 1)], ended.Sequences[0].GeneratedIds);

        using GenerationBatch stopped = SmallModel.Run(
            model, false, (prompt, SmallModel.Sampled(12) with { StopWhen = reply => reply[^1] == word }));
        Assert.Equal(FinishReason.StopSequence, stopped.Sequences[0].Finish);
        Assert.Equal(ids[..(at + 1)], stopped.Sequences[0].GeneratedIds);
    }

    [Fact]
    public void EventsReportEachTokenAndImage()
    {
        using LanguageModel model = SmallModel.Create();
        using var batch = new GenerationBatch(
            model, [(SmallModel.Prompt(4), SmallModel.Sampled(1)), (SmallModel.Prompt(8), SmallModel.Sampled(2))]);
        List<int>[] told = [[], []];
        int[] pictures = [0, 0];
        foreach ((int row, GenerationSequence sequence) in batch.Sequences.Index())
        {
            sequence.TokenGenerated += token => told[row].Add(token);
            sequence.ImagePredicted += number =>
            {
                Assert.Equal(pictures[row]++, number);
                told[row].AddRange([.. Enumerable.Repeat(SmallModel.ImageToken, Pass - 1), SmallModel.VisionEnd]);
            };
        }

        while (batch.Step())
        {
        }

        Assert.False(batch.Step());
        for (int row = 0; row < 2; row++)
        {
            Assert.Equal(batch.Sequences[row].GeneratedIds, told[row]);
            Assert.Equal(batch.Sequences[row].ImageEmbeddings.Count, pictures[row]);
        }
    }
}
