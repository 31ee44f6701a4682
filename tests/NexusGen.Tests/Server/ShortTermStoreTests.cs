using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

public sealed class ShortTermStoreTests
{
    [Fact]
    public void KeepsForItsOwnerAndForAWhile()
    {
        var clock = new Clock();
        var store = new ShortTermStore<string>(100, TimeSpan.FromMinutes(5), clock);
        store.Add("a", "me", "thing", 10);
        Assert.Equal("thing", store.Find("a", "me"));
        Assert.Null(store.Find("a", "you"));
        Assert.False(store.Forget("a", "you"));
        clock.Now += TimeSpan.FromMinutes(6);
        Assert.Null(store.Find("a", "me"));
    }

    [Fact]
    public void TheOldestGoFirstAndNothingIsKeptThatIsLargerThanAll()
    {
        var store = new ShortTermStore<string>(100, TimeSpan.FromMinutes(5));
        store.Add("a", "me", "a", 60);
        store.Add("b", "me", "b", 40);
        store.Add("c", "me", "c", 10);
        Assert.Null(store.Find("a", "me"));
        Assert.Equal(("b", "c", 50), (store.Find("b", "me"), store.Find("c", "me"), store.Bytes));
        store.Add("d", "me", "d", 101);
        Assert.Null(store.Find("d", "me"));
        Assert.InRange(store.Bytes, 0, 100);
        Assert.True(store.Forget("c", "me") || store.Bytes == 0);
    }

    [Fact]
    public void NamesAreLongAndNeverTheSame()
    {
        string[] names = [.. Enumerable.Range(0, 1000).Select(_ => ShortTermStore<string>.NewId("x_"))];
        Assert.Equal(1000, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^x_[0-9a-f]{40}$", name));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
