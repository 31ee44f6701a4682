using System.Runtime.ExceptionServices;

namespace NexusGen.Training.Data;

/// <summary>
/// Creates numbered items in advance on its own threads and returns them in order. An exception that creating an item raises is
/// thrown when the item is requested.
/// </summary>
/// <typeparam name="T">The type of the items. Disposable items that were not returned are disposed.</typeparam>
internal sealed class Prefetcher<T> : IDisposable
{
    private readonly Func<long, CancellationToken, T> _make;
    private readonly int _ahead;
    private readonly Thread[] _threads;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, (T Item, Exception? Failure)> _ready = [];
    private long _nextToMake;
    private long _nextToGive;

    /// <summary>Initializes the prefetcher and starts its threads.</summary>
    /// <param name="make">Creates the item with a given number. Called on several threads.</param>
    /// <param name="first">The first number.</param>
    /// <param name="end">The number after the last one.</param>
    /// <param name="workers">The number of threads; with 0, each item is created when it is requested.</param>
    /// <param name="ahead">
    /// The maximum number of items that are ready or being created, raised to the number of threads if it is smaller.
    /// </param>
    public Prefetcher(Func<long, CancellationToken, T> make, long first, long end, int workers, int ahead)
    {
        _make = make;
        _nextToMake = _nextToGive = first;
        End = end;
        _ahead = Math.Max(ahead, workers);
        _threads =
        [
            .. Enumerable.Range(0, workers).Select(_ => new Thread(Work) { IsBackground = true, Name = "training data" })
        ];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Gets the number after the last one.</summary>
    public long End { get; }

    /// <summary>Returns the next item. The caller owns it.</summary>
    /// <param name="cancellation">Cancels waiting for the item.</param>
    /// <exception cref="InvalidOperationException">All items have been returned.</exception>
    public T Next(CancellationToken cancellation = default)
    {
        if (_nextToGive >= End)
        {
            throw new InvalidOperationException("All items have been returned.");
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
