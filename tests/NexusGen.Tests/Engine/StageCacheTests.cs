using NexusGen.Core;
using NexusGen.Engine;

namespace NexusGen.Tests.Engine;

public class StageCacheTests
{
    [Fact]
    public void TheLeastRecentlyUsedIdleStageMakesRoom()
    {
        using var cache = new StageCache(100, () => { });
        Stage<Part> a = Of("a", 40), b = Of("b", 40), c = Of("c", 40);
        Part first = Use(cache, a);
        Use(cache, b);
        Use(cache, a);
        Use(cache, c);
        Assert.Equal(["a", "c"], cache.Loaded);
        Assert.False(first.Disposed);
    }

    [Fact]
    public void AStageInUseIsNotDroppedAndTheNextOneWaits()
    {
        int changes = 0;
        using var cache = new StageCache(100, () => Interlocked.Increment(ref changes));
        Stage<Part> a = Of("a", 80), b = Of("b", 80);
        StageLease<Part> lease = Acquire(cache, a);
        Assert.Null(cache.TryAcquire(b));
        Assert.False(lease.Value.Disposed);
        int before = changes;
        lease.Dispose();
        Assert.True(changes > before);
        using StageLease<Part> next = Acquire(cache, b);
        Assert.True(lease.Value.Disposed);
    }

    [Fact]
    public void AStageOverTheCapacityIsLoadedAloneWithinIt()
    {
        using var cache = new StageCache(100, () => { });
        Use(cache, Of("small", 10));
        using StageLease<Part> big = Acquire(cache, Of("big", 1000));
        Assert.Equal(100, big.Value.Budget);
        Assert.Equal(["big"], cache.Loaded);
    }

    [Fact]
    public void AFailedLoadIsReportedAndCanBeTriedAgain()
    {
        using var cache = new StageCache(100, () => { });
        bool fail = true;
        var stage = new Stage<Part>("x", () => 1, budget => fail ? throw new NexusGenException("no file") : new Part(budget));
        Assert.Equal("no file", Assert.Throws<NexusGenException>(() => Acquire(cache, stage)).Message);
        fail = false;
        Use(cache, stage);
        Assert.Equal(["x"], cache.Loaded);
    }

    [Fact]
    public void TrimDropsWhatNoJobUses()
    {
        using var cache = new StageCache(long.MaxValue, () => { });
        Use(cache, Of("idle", 1));
        using StageLease<Part> used = Acquire(cache, Of("used", 1));
        cache.Trim();
        Assert.Equal(["used"], cache.Loaded);
    }

    private static Stage<Part> Of(string name, long bytes) => new(name, () => bytes, budget => new Part(budget));

    private static Part Use(StageCache cache, Stage<Part> stage)
    {
        using StageLease<Part> lease = Acquire(cache, stage);
        return lease.Value;
    }

    private static StageLease<Part> Acquire(StageCache cache, Stage<Part> stage)
    {
        StageLease<Part>? lease = null;
        Assert.True(SpinWait.SpinUntil(() => (lease = cache.TryAcquire(stage)) is not null, TimeSpan.FromSeconds(10)));
        return lease!;
    }

    private sealed class Part(long budget) : IDisposable
    {
        public long Budget { get; } = budget;

        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
