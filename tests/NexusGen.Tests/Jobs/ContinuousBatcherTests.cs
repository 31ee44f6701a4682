using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Jobs;
using NexusGen.Tests.Autoregressive;

namespace NexusGen.Tests.Jobs;

public sealed class ContinuousBatcherTests : InferenceTest
{
    private readonly LanguageModel _model = SmallModel.Create();

    [Fact]
    public async Task RoomIsGivenInTheOrderOfArrival()
    {
        using var engine = new InferenceEngine();
        var batcher = new ContinuousBatcher(2, engine.Wake);
        List<string> order = [];
        Task<BatcherSlot> Join(string name, CancellationToken cancellationToken = default) => engine.RunAsync(
            async job =>
            {
                await batcher.WaitForRoomAsync(1, job);
                order.Add(name);
                return Begin(batcher, 1);
            },
            cancellationToken);
        Task Leave(BatcherSlot slot) => engine.RunAsync(job =>
        {
            slot.Dispose();
            slot.Dispose();
            return Task.FromResult(0);
        });

        BatcherSlot first = await Join("first"), second = await Join("second");
        using var gaveUp = new CancellationTokenSource();
        Task<BatcherSlot> third = Join("third"), fourth = Join("fourth", gaveUp.Token), fifth = Join("fifth");
        await engine.RunAsync(async job =>
        {
            await job.NextStep();
            return 0;
        });
        Assert.Equal(["first", "second"], order);
        await Leave(first);
        BatcherSlot joined = await third;
        gaveUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
        await Leave(second);
        await Leave(await fifth);
        await Leave(joined);
        Assert.Equal(["first", "second", "third", "fifth"], order);
    }

    [Fact]
    public void OneTurnAdvancesAllAndEachIsToldOnce()
    {
        var shared = new ContinuousBatcher(4, () => { });
        BatcherSlot[] places = [.. Enumerable.Range(1, 3).Select(i => Begin(shared, i))];
        while (places.Select(place => place.Step()).ToArray().Any(more => more))
        {
        }

        long together = shared.Counter.Passes, rows = shared.Counter.Rows;
        Assert.Equal(3, shared.Counter.MostRows);
        for (int i = 0; i < 3; i++)
        {
            var own = new ContinuousBatcher(1, () => { });
            using BatcherSlot alone = Begin(own, i + 1);
            while (alone.Step())
            {
            }

            Assert.Equal(own.Counter.Passes, own.Counter.Rows);
            Assert.Equal(alone.Sequences[0].GeneratedIds, places[i].Sequences[0].GeneratedIds);
            rows -= own.Counter.Rows;
            together -= own.Counter.Passes;
            places[i].Dispose();
        }

        Assert.Equal(0, rows);
        Assert.True(together < 0, "no pass was saved");
    }

    [Fact]
    public void AFaultIsThrownAtTheTurnOfItsOwnRequest()
    {
        var shared = new ContinuousBatcher(4, () => { });
        var thrown = new InvalidTimeZoneException();
        using BatcherSlot good = Begin(shared, 1), bad = Begin(shared, 2);
        bad.Sequences[0].TokenGenerated += _ => throw thrown;
        good.Step();
        good.Step();
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => bad.Step()));
        bad.Dispose();
        while (good.Step())
        {
        }

        Assert.NotNull(good.Sequences[0].Finish);
    }

    [Fact]
    public void ALongReplyIsWrittenBesideTheOthers()
    {
        var shared = new ContinuousBatcher(4, () => { });
        BatcherSlot[] places = [Begin(shared, 1), Begin(shared, 2, tokens: 30_000), Begin(shared, 3)];
        for (int i = 0; i < 20; i++)
        {
            Assert.All(places.Where(place => place.Sequences[0].IsGoing), place => place.Step());
        }

        Assert.Equal(2, shared.Counter.MostRows);
        Assert.All(places, place => Assert.True(place.Sequences[0].GeneratedCount > 4));
        Assert.All(places, place => place.Dispose());
    }

    private BatcherSlot Begin(ContinuousBatcher shared, int number, int tokens = 60) =>
        shared.Join(_model, [(SmallModel.Prompt(3 * number), SmallModel.Sampled((ulong)number, tokens))]);
}
