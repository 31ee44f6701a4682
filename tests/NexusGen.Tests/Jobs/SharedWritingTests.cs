using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Jobs;
using NexusGen.Tests.Autoregressive;

namespace NexusGen.Tests.Jobs;

public sealed class SharedWritingTests : InferenceTest
{
    private readonly LanguageModel _model = SmallModel.Create();
    private int _changes;

    [Fact]
    public void WhoeverComesFirstIsWrittenFirst()
    {
        var shared = new SharedWriting(2, () => _changes++);
        WritingPlace first = Begin(shared, 1), second = Begin(shared, 2);
        using IEnumerator<JobState> third = shared.Room(1).GetEnumerator(), fourth = shared.Room(1).GetEnumerator(), fifth = shared.Room(1).GetEnumerator();
        Assert.True(third.MoveNext() && fourth.MoveNext() && fifth.MoveNext());
        Assert.Equal(JobState.Waiting, third.Current);
        int before = _changes;
        first.Dispose();
        first.Dispose();
        Assert.Equal(before + 1, _changes);

        // There is room, but for the one that has waited longest; when that one gives up, for the next.
        Assert.True(fourth.MoveNext());
        third.Dispose();
        Assert.Equal(before + 2, _changes);
        Assert.True(fifth.MoveNext());
        Assert.False(fourth.MoveNext());
        using WritingPlace joined = Begin(shared, 3);
        Assert.True(fifth.MoveNext());
        second.Dispose();
        Assert.False(fifth.MoveNext());
    }

    [Fact]
    public void OneTurnAdvancesAllAndEachIsToldOnce()
    {
        var shared = new SharedWriting(4, () => { });
        WritingPlace[] places = [.. Enumerable.Range(1, 3).Select(i => Begin(shared, i))];
        while (places.Select(place => place.Step()).ToArray().Any(more => more))
        {
        }

        long together = shared.Counter.Passes, rows = shared.Counter.Rows;
        Assert.Equal(3, shared.Counter.MostRows);
        for (int i = 0; i < 3; i++)
        {
            var own = new SharedWriting(1, () => { });
            using WritingPlace alone = Begin(own, i + 1);
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
        var shared = new SharedWriting(4, () => { });
        var thrown = new InvalidTimeZoneException();
        using WritingPlace good = Begin(shared, 1), bad = Begin(shared, 2);
        bad.Sequences[0].TokenWritten += _ => throw thrown;
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
        var shared = new SharedWriting(4, () => { });
        WritingPlace[] places = [Begin(shared, 1), Begin(shared, 2, tokens: 30_000), Begin(shared, 3)];
        for (int i = 0; i < 20; i++)
        {
            Assert.All(places.Where(place => place.Sequences[0].IsGoing), place => place.Step());
        }

        Assert.Equal(2, shared.Counter.MostRows);
        Assert.All(places, place => Assert.True(place.Sequences[0].GeneratedCount > 4));
        Assert.All(places, place => place.Dispose());
    }

    private WritingPlace Begin(SharedWriting shared, int number, int tokens = 60) =>
        shared.Begin(_model, [(SmallModel.Prompt(3 * number), SmallModel.Sampled((ulong)number, tokens))]);
}
