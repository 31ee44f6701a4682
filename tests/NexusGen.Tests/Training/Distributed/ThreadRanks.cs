using NexusGen.Training.Distributed;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>Ranks that are threads of this process. One that fails ends the others.</summary>
internal sealed class ThreadRanks : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Tensor?[] _posted;
    private readonly CancellationTokenSource _failed = new();

    private ThreadRanks(int size)
    {
        _barrier = new Barrier(size);
        _posted = new Tensor?[size];
    }

    /// <summary>Runs the same work on each rank and returns what it returned, in the order of the ranks.</summary>
    public static T[] Run<T>(int size, Func<ICollectives, T> work)
    {
        using var ranks = new ThreadRanks(size);
        var results = new T[size];
        var failures = new Exception?[size];
        Thread[] threads =
        [
            .. Enumerable.Range(0, size).Select(rank => new Thread(() =>
            {
                try
                {
                    results[rank] = work(new Member(ranks, rank));
                }
                catch (Exception e)
                {
                    failures[rank] = e;
                    ranks._failed.Cancel();
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Exception[] reasons = [.. failures.OfType<Exception>()];
        if (reasons.Length > 0)
        {
            throw reasons.FirstOrDefault(reason => reason is not OperationCanceledException) ?? reasons[0];
        }

        return results;
    }

    public void Dispose()
    {
        _barrier.Dispose();
        _failed.Dispose();
    }

    private sealed class Member(ThreadRanks ranks, int rank) : ICollectives
    {
        public int Rank => rank;

        public int Size => ranks._posted.Length;

        public Device Device => CPU;

        public void AllReduce(Tensor values)
        {
            using Tensor sum = Sum(values);
            Wait();
            values.copy_(sum);
            Wait();
        }

        public void Broadcast(Tensor values, int root)
        {
            Post(values);
            if (rank != root)
            {
                values.copy_(ranks._posted[root]!);
            }

            Wait();
        }

        public void AllGather(Tensor own, Tensor all)
        {
            Post(own);
            using Tensor rows = all.view(Size, -1);
            for (int i = 0; i < Size; i++)
            {
                using Tensor row = rows[i], theirs = ranks._posted[i]!.view(-1);
                row.copy_(theirs);
            }

            Wait();
        }

        public void ReduceScatter(Tensor all, Tensor own)
        {
            using Tensor sum = Sum(all);
            using Tensor part = sum.narrow(0, rank * own.numel(), own.numel());
            own.copy_(part);
            Wait();
        }

        // What is sent waits here for its receiver, so that a pair needs no others.
        public void Send(Tensor values, int to)
        {
            Channel channel = Channel.Between(ranks, rank, to);
            channel.Sent.Add(values.detach().clone().DetachFromDisposeScope(), ranks._failed.Token);
        }

        public void Receive(Tensor values, int from)
        {
            using Tensor sent = Channel.Between(ranks, from, rank).Sent.Take(ranks._failed.Token);
            values.copy_(sent);
        }

        public void Barrier() => Wait();

        public void Dispose()
        {
        }

        private Tensor Sum(Tensor values)
        {
            Post(values);
            Tensor sum = zeros_like(ranks._posted[0]!).DetachFromDisposeScope();
            foreach (Tensor? other in ranks._posted)
            {
                sum.add_(other!);
            }

            return sum;
        }

        private void Post(Tensor values)
        {
            ranks._posted[rank] = values;
            Wait();
        }

        private void Wait() => ranks._barrier.SignalAndWait(ranks._failed.Token);
    }

    private sealed class Channel
    {
        private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<
            ThreadRanks, System.Collections.Concurrent.ConcurrentDictionary<(int, int), Channel>> All = [];

        public System.Collections.Concurrent.BlockingCollection<Tensor> Sent { get; } = [];

        public static Channel Between(ThreadRanks ranks, int from, int to) =>
            All.GetOrCreateValue(ranks).GetOrAdd((from, to), _ => new Channel());
    }
}
