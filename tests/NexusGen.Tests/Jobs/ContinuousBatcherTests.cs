using NexusGen.Autoregressive;
using NexusGen.Jobs;
using NexusGen.Tests.Autoregressive;

namespace NexusGen.Tests.Jobs;

public sealed class ContinuousBatcherTests : InferenceTest
{
    private readonly LanguageModel _model = SmallModel.Create();

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
        Begin(_model, shared, number, tokens);

    internal static BatcherSlot Begin(LanguageModel model, ContinuousBatcher shared, int number, int tokens) =>
        shared.Join(model, [(SmallModel.Prompt(3 * number), SmallModel.Sampled((ulong)number, tokens))]);
}
