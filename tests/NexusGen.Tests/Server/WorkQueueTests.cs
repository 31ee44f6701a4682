using NexusGen.Server.Scheduling;

namespace NexusGen.Tests.Server;

public sealed class WorkQueueTests
{
    [Fact]
    public async Task LetsInAsManyAsMayRunAndTheNextWhenOneLeaves()
    {
        var queue = new WorkQueue(2, 10, 10);
        IDisposable first = await queue.EnterAsync("a");
        using IDisposable second = await queue.EnterAsync("a");
        Task<IDisposable> third = queue.EnterAsync("a");
        Assert.False(third.IsCompleted);
        Assert.Equal((2, 1), (queue.Running, queue.Waiting));

        first.Dispose();
        first.Dispose();
        using IDisposable place = await third.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((2, 0), (queue.Running, queue.Waiting));
    }

    [Fact]
    public async Task ClientsTakeTurns()
    {
        var queue = new WorkQueue(1, 100, 100);
        IDisposable place = await queue.EnterAsync("greedy");
        List<string> order = [];
        QueuePlace[] places = [.. Enumerable.Range(0, 6).Select(_ => new QueuePlace())];
        Assert.Null(places[0].Ahead);
        Task[] waiting =
        [
            .. ((string[])["greedy", "greedy", "greedy", "modest", "other", "modest"]).Select((client, i) => Wait(client, i))
        ];
        async Task Wait(string client, int number)
        {
            using IDisposable mine = await queue.EnterAsync(client, place: places[number]);
            lock (order)
            {
                order.Add($"{client}{number}");
            }
        }

        Assert.Equal([0, 3, 5, 1, 2, 4], places.Select(one => one.Ahead));
        place.Dispose();
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.All(places, one => Assert.Null(one.Ahead));
        Assert.Equal(["greedy0", "modest3", "other4", "greedy1", "modest5", "greedy2"], order);
    }

    [Fact]
    public async Task RefusesBeyondItsBoundsAndSaysWhenToComeAgain()
    {
        var queue = new WorkQueue(1, 3, 2);
        using IDisposable place = await queue.EnterAsync("a");
        _ = queue.EnterAsync("a");
        _ = queue.EnterAsync("a");

        // The limit of one client, while others may still enter.
        Assert.True(
            (await Assert.ThrowsAsync<QueueFullException>(() => queue.EnterAsync("a"))).RetryAfter >= TimeSpan.FromSeconds(1));
        _ = queue.EnterAsync("b");
        await Assert.ThrowsAsync<QueueFullException>(() => queue.EnterAsync("c"));
        Assert.Equal(3, queue.Waiting);
    }

    [Fact]
    public async Task WhoLeavesTheQueueMakesRoom()
    {
        var queue = new WorkQueue(1, 1, 1);
        IDisposable place = await queue.EnterAsync("a");
        using var left = new CancellationTokenSource();
        var where = new QueuePlace();
        Task<IDisposable> gone = queue.EnterAsync("a", left.Token, place: where);
        Assert.Equal(0, where.Ahead);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.Null(where.Ahead);
        Task<IDisposable> next = queue.EnterAsync("a");
        place.Dispose();
        using IDisposable mine = await next.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((1, 0), (queue.Running, queue.Waiting));
    }

    [Fact]
    public async Task ClosedItRefusesAllButLetsThoseInsideFinish()
    {
        var queue = new WorkQueue(1, 5, 5);
        IDisposable place = await queue.EnterAsync("a");
        Task<IDisposable> waiting = queue.EnterAsync("a");
        queue.Close();
        await Assert.ThrowsAsync<QueueClosedException>(() => waiting);
        await Assert.ThrowsAsync<QueueClosedException>(() => queue.EnterAsync("b"));
        Assert.False(queue.Emptied.IsCompleted);
        place.Dispose();
        await queue.Emptied.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task NeverMoreThanMayRunUnderManyAtOnce()
    {
        var queue = new WorkQueue(3, 10_000, 10_000);
        int running = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(async () =>
        {
            using var left = new CancellationTokenSource(i % 7 == 0 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(60));
            try
            {
                using IDisposable place = await queue.EnterAsync($"client {i % 5}", left.Token);
                int now = Interlocked.Increment(ref running);
                lock (queue)
                {
                    most = Math.Max(most, now);
                }

                await Task.Yield();
                Interlocked.Decrement(ref running);
            }
            catch (OperationCanceledException)
            {
            }
        })));
        Assert.InRange(most, 1, 3);
        Assert.Equal((0, 0), (queue.Running, queue.Waiting));
    }
}
