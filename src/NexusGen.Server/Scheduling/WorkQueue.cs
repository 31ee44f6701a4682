namespace NexusGen.Server.Scheduling;

/// <summary>
/// Lets a number of requests in at the same time, the others wait. Clients take turns, whoever asked more often waits longer; both
/// all who wait and those of one client are bounded, and beyond that a request is refused at once. Safe for several threads.
/// </summary>
/// <param name="maxRunning">How many are let in at the same time.</param>
/// <param name="maxWaiting">How many may wait.</param>
/// <param name="maxWaitingPerClient">How many of one client may wait.</param>
/// <param name="time">Measures how long work takes.</param>
internal sealed class WorkQueue(int maxRunning, int maxWaiting, int maxWaitingPerClient, TimeProvider? time = null)
{
    // How much the last work counts in the average of all.
    private const double Newest = 0.2;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, LinkedList<Waiter>> _waiting = [];

    // Whose turn it is: clients that wait, the next one first.
    private readonly LinkedList<string> _turns = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waitingCount;
    private int _running;
    private double _seconds = 1;
    private bool _closed;

    /// <summary>How many are let in now.</summary>
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

    /// <summary>How many wait now.</summary>
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

    /// <summary>Completes when the queue is closed and nothing runs any more.</summary>
    public Task Emptied => _empty.Task;

    /// <summary>Waits until there is a place.</summary>
    /// <param name="client">Whose request it is.</param>
    /// <param name="cancellationToken">Leaves the queue.</param>
    /// <returns>The place; to be disposed of when the work is done.</returns>
    /// <exception cref="QueueFullException">There is no room to wait in.</exception>
    /// <exception cref="QueueClosedException">The server is stopping.</exception>
    public Task<IDisposable> EnterAsync(string client, CancellationToken cancellationToken = default)
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
                return Task.FromResult<IDisposable>(new Place(this));
            }

            LinkedList<Waiter>? own = _waiting.GetValueOrDefault(client);
            if (_waitingCount >= maxWaiting || (own?.Count ?? 0) >= maxWaitingPerClient)
            {
                throw new QueueFullException(TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(_seconds * (_waitingCount + 1) / maxRunning), 1, 600)));
            }

            if (own is null)
            {
                _waiting[client] = own = [];
                _turns.AddLast(client);
            }

            waiter = new Waiter(client);
            own.AddLast(waiter);
            _waitingCount++;
        }

        waiter.Registration = cancellationToken.Register(() => Leave(waiter, cancellationToken));
        return waiter.Completion.Task;
    }

    /// <summary>Refuses all who wait and all who come; those who are in go on.</summary>
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
            next.Completion.SetResult(new Place(this));
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

    private sealed class Place(WorkQueue queue) : IDisposable
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
