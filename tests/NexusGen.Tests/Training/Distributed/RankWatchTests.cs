using System.Collections.Concurrent;
using NexusGen.Training.Distributed;

namespace NexusGen.Tests.Training.Distributed;

public class RankWatchTests
{
    [Fact]
    public void TheFirstRankTellsTheErrorOfAnotherOne()
    {
        ConcurrentDictionary<int, string> ended = Run(3, (rank, watch) =>
        {
            if (rank == 2)
            {
                watch.Fail("The data is gone.");
            }
            else
            {
                Thread.Sleep(TimeSpan.FromSeconds(4));
            }
        });
        Assert.Matches(@"^Rank 2 \(process \d+ on .+\) failed: The data is gone; the checkpoint is kept\.$", ended[0]);
        Assert.Equal(("", ""), (ended[1], ended[2]));
    }

    [Fact]
    public void AnErrorOfAllIsToldOnce()
    {
        ConcurrentDictionary<int, string> ended = Run(3, (rank, watch) =>
        {
            if (rank > 0)
            {
                Thread.Sleep(300);
            }

            watch.Fail("It is wrong.");
            Thread.Sleep(TimeSpan.FromSeconds(rank == 0 ? 3 : 0));
        });
        Assert.False(ended.ContainsKey(0));
        Assert.Equal(("", ""), (ended[1], ended[2]));
    }

    [Fact]
    public void WhoHasFinishedIsNotMissed() =>
        Assert.Empty(Run(3, (rank, _) => Thread.Sleep(500 * rank)));

    // Returns what each rank was ended with.
    private static ConcurrentDictionary<int, string> Run(int size, Action<int, RankWatch> work)
    {
        var ended = new ConcurrentDictionary<int, string>();
        ThreadRanks.Run(size, collectives =>
        {
            using var watch = RankWatch.Start(
                collectives,
                () => "the checkpoint is kept",
                sentence => ended.TryAdd(collectives.Rank, sentence ?? ""));
            work(collectives.Rank, watch);
            return true;
        });
        return ended;
    }
}
