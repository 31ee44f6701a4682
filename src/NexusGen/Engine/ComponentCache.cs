using NexusGen.Core;

namespace NexusGen.Engine;

/// <summary>
/// Loads components when jobs need them and unloads them again, the least recently used first, to keep all loaded components
/// within a number of bytes. A component that is larger is loaded alone and receives the limit: it keeps in memory what fits and
/// reads the rest whenever it is needed.
/// </summary>
/// <remarks>
/// A job that holds a lease must not wait for another component; otherwise two jobs that wait for memory could block each other.
/// Safe to call from any thread.
/// </remarks>
/// <param name="capacity">The number of bytes that all loaded components may take; long.MaxValue for no limit.</param>
/// <param name="changed">Called when a waiting job should try again.</param>
internal sealed class ComponentCache(long capacity, Action changed) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Component> _held = [];
    private long _clock;
    private long _reserved;
    private bool _disposed;

    /// <summary>Gets the names of the components that are loaded, the least recently used first.</summary>
    public IReadOnlyList<string> Loaded
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _held.Where(stage => stage.Loaded is not null).OrderBy(stage => stage.LastUse).Select(stage => stage.Name)
                ];
            }
        }
    }

    /// <summary>
    /// Leases a component if it is loaded. Otherwise starts loading it, as soon as there is enough memory for it.
    /// </summary>
    /// <typeparam name="T">The type of the loaded component.</typeparam>
    /// <param name="stage">The component.</param>
    /// <returns>The lease, or null if the caller has to wait; the constructor's callback says when to try again.</returns>
    /// <exception cref="NexusGenException">The component can't be loaded; the message says why.</exception>
    public ComponentLease<T>? TryAcquire<T>(Component<T> stage)
        where T : class, IDisposable
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (stage.Loading is { IsFaulted: true } failed)
            {
                stage.Loading = null;
                _held.Remove(stage);
                failed.GetAwaiter().GetResult();
            }

            Settle();
            if (stage.Loaded is not null)
            {
                stage.Leases++;
                stage.LastUse = ++_clock;
                return new ComponentLease<T>(this, stage);
            }

            if (stage.Loading is null && MakeRoom(stage))
            {
                long limit = Limit;
                stage.HeldBytes = Math.Min(stage.ByteLength, limit);
                _held.Add(stage);
                stage.Loading = Task.Run(() => stage.Load(limit));
                _ = stage.Loading.ContinueWith(_ => changed(), TaskScheduler.Default);
            }

            return null;
        }
    }

    // The bytes that components may take beside what is reserved; at least a byte, so that the message of the component that
    // does not fit says how much is missing.
    private long Limit => capacity == long.MaxValue ? capacity : Math.Max(capacity - _reserved, 1);

    /// <summary>
    /// Sets how many bytes of the capacity other objects take, and unloads idle components until the rest fits. A component that
    /// is in use keeps its memory until its last lease ends.
    /// </summary>
    /// <param name="bytes">The number of bytes.</param>
    public void Reserve(long bytes)
    {
        lock (_gate)
        {
            Settle();
            _reserved = bytes;
            DropUntil(Limit);
        }
    }

    /// <summary>Unloads the components that no job is using.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            Settle();
            foreach (Component stage in _held.Where(IsIdle).ToList())
            {
                Drop(stage);
            }
        }
    }

    /// <summary>Waits for the components that are being loaded, and unloads all. No lease may be in use.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (Component stage in _held.ToList())
            {
                if (stage.Loading is { } loading)
                {
                    ((IAsyncResult)loading).AsyncWaitHandle.WaitOne();
                    if (loading.IsCompletedSuccessfully)
                    {
                        stage.Loaded = loading.Result;
                    }
                }

                Drop(stage);
            }
        }
    }

    internal void Release(Component stage)
    {
        lock (_gate)
        {
            stage.Leases--;
        }

        changed();
    }

    private static bool IsIdle(Component stage) => stage.Leases == 0 && stage.Loaded is not null;

    // Completes the loads that ended since the last call, even if their job was cancelled meanwhile. A failed load is kept, for
    // its job to throw.
    private void Settle()
    {
        foreach (Component stage in _held)
        {
            if (stage.Loading is { IsCompletedSuccessfully: true } loading)
            {
                stage.Loaded = loading.Result;
                stage.Loading = null;
            }
        }
    }

    // Makes room for a component: unloads idle ones, the least recently used first, until it fits. A component that is larger
    // than the capacity needs all of it.
    private bool MakeRoom(Component stage)
    {
        long needed = Math.Min(stage.ByteLength, Limit);
        _held.RemoveAll(held => held.Loading is { IsFaulted: true });
        return DropUntil(Limit - needed);
    }

    // Unloads idle components, the least recently used first, until the held ones take at most a number of bytes.
    private bool DropUntil(long most)
    {
        foreach (Component idle in _held.Where(IsIdle).OrderBy(held => held.LastUse).ToList())
        {
            if (_held.Sum(held => held.HeldBytes) <= most)
            {
                break;
            }

            Drop(idle);
        }

        return _held.Sum(held => held.HeldBytes) <= most;
    }

    private void Drop(Component stage)
    {
        stage.Loaded?.Dispose();
        stage.Loaded = null;
        stage.Loading = null;
        _held.Remove(stage);
    }
}
