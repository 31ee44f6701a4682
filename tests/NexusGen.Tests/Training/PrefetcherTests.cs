using NexusGen.Training.Data;

namespace NexusGen.Tests.Training;

public class PrefetcherTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void ItemsComeInOrder(int workers)
    {
        using var items = new Prefetcher<long>(
            (number, _) =>
            {
                Thread.Sleep((int)(number * 7 % 5));
                return number * number;
            },
            first: 3, end: 40, workers, ahead: 6);
        Assert.Equal(Enumerable.Range(3, 37).Select(i => (long)i * i), Enumerable.Range(3, 37).Select(_ => items.Next()));
        Assert.Throws<InvalidOperationException>(() => items.Next());
    }

    [Fact]
    public void AnErrorComesInItsTurn()
    {
        using var items = new Prefetcher<long>((number, _) => number == 2 ? throw new InvalidDataException("two") : number, 0, 9, workers: 3, ahead: 9);
        Assert.Equal([0L, 1L], [items.Next(), items.Next()]);
        Assert.Equal("two", Assert.Throws<InvalidDataException>(() => items.Next()).Message);
        Assert.Equal(3, items.Next());
    }

    [Fact]
    public void NoMoreThanAskedAreMadeAhead()
    {
        int made = 0;
        using var third = new ManualResetEventSlim();
        using var items = new Prefetcher<long>(
            (number, _) =>
            {
                if (Interlocked.Increment(ref made) == 3)
                {
                    third.Set();
                }

                return number;
            },
            0, 100, workers: 2, ahead: 3);
        third.Wait();
        Thread.Sleep(50);
        Assert.Equal(3, Volatile.Read(ref made));
    }

    [Fact]
    public void WaitingCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        using var items = new Prefetcher<long>(
            (number, cancellation) =>
            {
                stop.CancelAfter(20);
                cancellation.WaitHandle.WaitOne();
                return number;
            },
            0, 9, workers: 1, ahead: 1);
        Assert.Throws<OperationCanceledException>(() => items.Next(stop.Token));
    }

    [Fact]
    public void WhatNobodyTookIsDisposed()
    {
        List<Item> made = [];
        using (var items = new Prefetcher<Item>(
            (_, _) =>
            {
                var item = new Item();
                lock (made)
                {
                    made.Add(item);
                }

                return item;
            },
            0, 9, workers: 2, ahead: 4))
        {
            items.Next();
        }

        Assert.False(made[0].Disposed && made.Count == 1);
        Assert.Equal(made.Count - 1, made.Count(item => item.Disposed));
    }

    private sealed class Item : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
