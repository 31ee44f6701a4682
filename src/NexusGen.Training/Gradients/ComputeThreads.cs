using System.Runtime.ExceptionServices;
using NexusGen.Torch.Native;

namespace NexusGen.Training.Gradients;

/// <summary>
/// Threads that compute side by side: the caller's and others that stay, so that each keeps what libtorch and the C library hold
/// for it.
/// </summary>
internal sealed class ComputeThreads : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _others;
    private readonly Exception?[] _failures;
    private Action<int>? _work;
    private int _active;

    /// <summary>Starts the others; each operator on them uses as many threads as on the caller's.</summary>
    /// <param name="count">How many in all, at least 1.</param>
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

    /// <summary>Does a work once on each of the first threads, and waits for all of them.</summary>
    /// <param name="count">On how many, at most all; the caller's is the first.</param>
    /// <param name="work">The work, told which it is.</param>
    /// <exception cref="Exception">The first one, in the order of the threads, that a work raised.</exception>
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

    /// <summary>Ends the others.</summary>
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
        // libtorch keeps the number a thread, and asks for the one that was set elsewhere only in some operators.
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
