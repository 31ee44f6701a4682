using System.Runtime.ExceptionServices;
using NexusGen.Torch.Native;

namespace NexusGen.Training.Gradients;

/// <summary>
/// Threads that compute in parallel: the caller's thread and persistent worker threads. Because the threads persist, so does the
/// thread-local state that libtorch and the C library keep for each of them.
/// </summary>
internal sealed class ComputeThreads : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _others;
    private readonly Exception?[] _failures;
    private Action<int>? _work;
    private int _active;

    /// <summary>Starts the worker threads. Operators on them use as many threads as on the caller's thread.</summary>
    /// <param name="count">The total number of threads, at least 1.</param>
    public ComputeThreads(int count)
    {
        _barrier = new Barrier(count);
        _failures = new Exception?[count];
        int operatorThreads = NativeRuntime.Threads;
        _others = [.. Enumerable.Range(1, count - 1).Select(number => new Thread(() => Serve(number, operatorThreads))
        {
            IsBackground = true,
            Name = $"training {number}",
        })];
        foreach (Thread thread in _others)
        {
            thread.Start();
        }
    }

    /// <summary>Runs a function once on each of the first threads and waits for all of them.</summary>
    /// <param name="count">The number of threads to use, at most the total number. The caller's thread is the first.</param>
    /// <param name="work">The function, which receives the index of the thread.</param>
    /// <exception cref="Exception">The first exception, in the order of the threads, that the function raised.</exception>
    public void Run(int count, Action<int> work)
    {
        _work = work;
        _active = count;
        Array.Clear(_failures);
        _barrier.SignalAndWait();
        Do(0);
        _barrier.SignalAndWait();
        if (_failures.FirstOrDefault(failure => failure is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    /// <summary>Stops the worker threads.</summary>
    public void Dispose()
    {
        _work = null;
        _barrier.SignalAndWait();
        foreach (Thread thread in _others)
        {
            thread.Join();
        }

        _barrier.Dispose();
    }

    private void Serve(int number, int operatorThreads)
    {
        // libtorch keeps this number per thread, and only some operators apply the number that was set on another thread.
        NativeRuntime.Threads = operatorThreads;
        while (true)
        {
            _barrier.SignalAndWait();
            if (_work is null)
            {
                return;
            }

            Do(number);
            _barrier.SignalAndWait();
        }
    }

    private void Do(int number)
    {
        try
        {
            if (number < _active)
            {
                _work!(number);
            }
        }
        catch (Exception e)
        {
            _failures[number] = e;
        }
    }
}
