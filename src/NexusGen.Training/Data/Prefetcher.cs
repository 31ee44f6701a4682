using System.Runtime.ExceptionServices;

namespace NexusGen.Training.Data;

/// <summary>
/// Makes numbered items ahead on threads of its own and hands them out in their order. What making one raises is raised when
/// its turn comes.
/// </summary>
/// <typeparam name="T">An item; those that are not handed out are disposed where they can be.</typeparam>
public sealed class Prefetcher<T> : IDisposable
{
    private readonly Func<long, CancellationToken, T> _make;
    private readonly int _ahead;
    private readonly Thread[] _threads;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, (T Item, Exception? Failure)> _ready = [];
    private long _nextToMake;
    private long _nextToGive;

    /// <summary>Begins to make items.</summary>
    /// <param name="make">Makes the item of a number; called on several threads.</param>
    /// <param name="first">The first number.</param>
    /// <param name="end">The number after the last.</param>
    /// <param name="workers">How many threads; with 0 each item is made when it is asked for.</param>
    /// <param name="ahead">How many items may be ready or in the making.</param>
    public Prefetcher(Func<long, CancellationToken, T> make, long first, long end, int workers, int ahead)
    {
        _make = make;
        _nextToMake = _nextToGive = first;
        End = end;
        _ahead = Math.Max(ahead, workers);
        _threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(Work) { IsBackground = true, Name = "training data" })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>The number after the last.</summary>
    public long End { get; }

    /// <summary>The next item; the caller owns it.</summary>
    /// <param name="cancellation">Stops waiting for it.</param>
    /// <exception cref="InvalidOperationException">All have been given.</exception>
    public T Next(CancellationToken cancellation = default)
    {
        if (_nextToGive >= End)
        {
            throw new InvalidOperationException("All items have been given.");
        }

        if (_threads.Length == 0)
        {
            return _make(_nextToGive++, cancellation);
        }

        using CancellationTokenRegistration wake = cancellation.Register(Pulse);
        lock (_ready)
        {
            while (!_ready.ContainsKey(_nextToGive))
            {
                cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(_ready);
            }

            _ready.Remove(_nextToGive++, out (T Item, Exception? Failure) next);
            Monitor.PulseAll(_ready);
            if (next.Failure is not null)
            {
                ExceptionDispatchInfo.Throw(next.Failure);
            }

            return next.Item;
        }
    }

    /// <summary>Stops the threads and waits for them.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        Pulse();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach ((T item, _) in _ready.Values)
        {
            (item as IDisposable)?.Dispose();
        }

        _ready.Clear();
        _stop.Dispose();
    }

    private void Work()
    {
        while (Take() is { } number)
        {
            (T Item, Exception? Failure) made;
            try
            {
                made = (_make(number, _stop.Token), null);
            }
            catch (Exception e)
            {
                made = (default!, e);
            }

            lock (_ready)
            {
                _ready.Add(number, made);
                Monitor.PulseAll(_ready);
            }
        }
    }

    private long? Take()
    {
        lock (_ready)
        {
            while (!_stop.IsCancellationRequested && _nextToMake < End && _nextToMake >= _nextToGive + _ahead)
            {
                Monitor.Wait(_ready);
            }

            return _stop.IsCancellationRequested || _nextToMake >= End ? null : _nextToMake++;
        }
    }

    private void Pulse()
    {
        lock (_ready)
        {
            Monitor.PulseAll(_ready);
        }
    }
}
