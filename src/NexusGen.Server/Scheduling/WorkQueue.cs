namespace NexusGen.Server.Scheduling;

/// <summary>
/// Limits the number of requests that run at the same time; others wait. Clients take turns, so a client with many requests waits
/// longer. The numbers of waiting requests, in all and of one client, are limited too; further requests are refused at once.
/// Thread-safe.
/// </summary>
/// <param name="maxRunning">The maximum number of running requests.</param>
/// <param name="maxWaiting">The maximum number of waiting requests.</param>
/// <param name="maxWaitingPerClient">The maximum number of waiting requests of one client.</param>
/// <param name="time">The clock, or null for the system's.</param>
internal sealed class WorkQueue(int maxRunning, int maxWaiting, int maxWaitingPerClient, TimeProvider? time = null)
{
    // The weight of the newest duration in the moving average.
    private const double Newest = 0.2;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, LinkedList<Waiter>> _waiting = [];

    // The clients with waiting requests, the next one first.
    private readonly LinkedList<string> _turns = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waitingCount;
    private int _running;
    private double _seconds = 1;
    private bool _closed;

    /// <summary>Gets the number of running requests.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Gets the number of waiting requests.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waitingCount;
            }
        }
    }

    /// <summary>Gets a task that completes when the queue is closed and no request runs.</summary>
    public Task Emptied => _empty.Task;

    /// <summary>Waits for a slot.</summary>
    /// <param name="client">The client of the request.</param>
    /// <param name="cancellationToken">Leaves the queue.</param>
    /// <param name="accepted">true for a request that was accepted before, so that it waits even if the queue is full.</param>
    /// <param name="place">Receives the place of the request in the queue, or null.</param>
    /// <returns>The slot. Disposing it ends the request.</returns>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    /// <exception cref="QueueClosedException">The server is stopping.</exception>
    public Task<IDisposable> EnterAsync(
        string client, CancellationToken cancellationToken = default, bool accepted = false, QueuePlace? place = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_gate)
        {
            if (_closed)
            {
                throw new QueueClosedException();
            }

            if (_running < maxRunning && _waitingCount == 0)
            {
                _running++;
                return Task.FromResult<IDisposable>(new Slot(this));
            }

            if (!accepted)
            {
                ThrowIfNoRoom(client);
            }

            LinkedList<Waiter>? own = _waiting.GetValueOrDefault(client);
            if (own is null)
            {
                _waiting[client] = own = [];
                _turns.AddLast(client);
            }

            waiter = new Waiter(client);
            own.AddLast(waiter);
            _waitingCount++;
        }

        place?.Watch(() => Ahead(waiter));
        waiter.Registration = cancellationToken.Register(() => Leave(waiter, cancellationToken));
        return waiter.Completion.Task;
    }

    /// <summary>Throws if a request of a client would be refused now.</summary>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    public void ThrowIfFull(string client)
    {
        lock (_gate)
        {
            if (!_closed && (_running >= maxRunning || _waitingCount > 0))
            {
                ThrowIfNoRoom(client);
            }
        }
    }

    /// <summary>Refuses waiting and new requests. Running ones continue.</summary>
    public void Close()
    {
        Waiter[] refused;
        lock (_gate)
        {
            _closed = true;
            refused = [.. _waiting.Values.SelectMany(own => own)];
            _waiting.Clear();
            _turns.Clear();
            _waitingCount = 0;
            if (_running == 0)
            {
                _empty.TrySetResult();
            }
        }

        foreach (Waiter waiter in refused)
        {
            waiter.Completion.TrySetException(new QueueClosedException());
        }
    }

    private void ThrowIfNoRoom(string client)
    {
        if (_waitingCount >= maxWaiting || (_waiting.GetValueOrDefault(client)?.Count ?? 0) >= maxWaitingPerClient)
        {
            double seconds = Math.Ceiling(_seconds * (_waitingCount + 1) / maxRunning);
            throw new QueueFullException(TimeSpan.FromSeconds(Math.Clamp(seconds, 1, 600)));
        }
    }

    // A client's first request waits for a turn of each client before it, its second one for another turn of all, and so on.
    private int? Ahead(Waiter waiter)
    {
        lock (_gate)
        {
            int own = _waiting.GetValueOrDefault(waiter.Client)?.TakeWhile(other => other != waiter).Count() ?? 0;
            if (_waiting.GetValueOrDefault(waiter.Client)?.ElementAtOrDefault(own) is null)
            {
                return null;
            }

            int ahead = own;
            bool isBefore = true;
            foreach (string client in _turns)
            {
                if (client == waiter.Client)
                {
                    isBefore = false;
                }
                else
                {
                    ahead += Math.Min(_waiting[client].Count, isBefore ? own + 1 : own);
                }
            }

            return ahead;
        }
    }

    private void Leave(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(waiter.Client, out LinkedList<Waiter>? own) || !own.Remove(waiter))
            {
                return;
            }

            _waitingCount--;
            Forget(waiter.Client, own);
        }

        waiter.Completion.TrySetCanceled(cancellationToken);
    }

    private void Release(TimeSpan took)
    {
        Waiter? next = null;
        lock (_gate)
        {
            _seconds += Newest * (took.TotalSeconds - _seconds);
            if (_turns.First is { Value: var client })
            {
                LinkedList<Waiter> own = _waiting[client];
                next = own.First!.Value;
                own.RemoveFirst();
                _waitingCount--;
                _turns.RemoveFirst();
                _turns.AddLast(client);
                Forget(client, own);
            }
            else if (--_running == 0 && _closed)
            {
                _empty.TrySetResult();
            }
        }

        if (next is not null)
        {
            next.Registration.Unregister();
            next.Completion.SetResult(new Slot(this));
        }
    }

    private void Forget(string client, LinkedList<Waiter> own)
    {
        if (own.Count == 0)
        {
            _waiting.Remove(client);
            _turns.Remove(client);
        }
    }

    private sealed class Waiter(string client)
    {
        public string Client => client;

        public TaskCompletionSource<IDisposable> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenRegistration Registration { get; set; }
    }

    private sealed class Slot(WorkQueue queue) : IDisposable
    {
        private readonly long _start = queue._time.GetTimestamp();
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                queue.Release(queue._time.GetElapsedTime(_start));
            }
        }
    }
}
