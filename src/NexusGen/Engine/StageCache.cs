using NexusGen.Core;

namespace NexusGen.Engine;

/// <summary>
/// Loads stages when jobs need them and lets them go again, the least recently used first, so that all that are loaded stay
/// within a number of bytes. A stage larger than that is loaded alone, with the bound passed on: it keeps what fits and reads
/// the rest as it goes.
/// </summary>
/// <remarks>
/// A job holds one lease at a time, or takes no second one while it waits; so waiting for memory can't lock two jobs against
/// each other. Safe to call from any thread.
/// </remarks>
/// <param name="capacity">How many bytes all loaded stages may take; long.MaxValue for no bound.</param>
/// <param name="changed">Called when a job that waits may look again.</param>
public sealed class StageCache(long capacity, Action changed) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Stage> _held = [];
    private long _clock;
    private bool _disposed;

    /// <summary>The names of the stages that are loaded, the least recently used first.</summary>
    public IReadOnlyList<string> Loaded
    {
        get
        {
            lock (_gate)
            {
                return [.. _held.Where(stage => stage.Loaded is not null).OrderBy(stage => stage.LastUse).Select(stage => stage.Name)];
            }
        }
    }

    /// <summary>A lease on a stage, once it is loaded. The first call starts loading, or waits for memory.</summary>
    /// <typeparam name="T">What is loaded.</typeparam>
    /// <param name="stage">The stage.</param>
    /// <returns>The lease; null while it must be waited for, see the constructor's callback.</returns>
    /// <exception cref="NexusGenException">It can't be loaded; the cause is given.</exception>
    public StageLease<T>? TryAcquire<T>(Stage<T> stage)
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
                return new StageLease<T>(this, stage);
            }

            if (stage.Loading is null && MakeRoom(stage))
            {
                stage.HeldBytes = Math.Min(stage.ByteLength, capacity);
                _held.Add(stage);
                stage.Loading = Task.Run(() => stage.Load(capacity));
                _ = stage.Loading.ContinueWith(_ => changed(), TaskScheduler.Default);
            }

            return null;
        }
    }

    /// <summary>Lets go of all stages that no job uses.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            Settle();
            foreach (Stage stage in _held.Where(IsIdle).ToList())
            {
                Drop(stage);
            }
        }
    }

    /// <summary>Lets go of everything; no lease may be in use.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (Stage stage in _held.ToList())
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

    internal void Release(Stage stage)
    {
        lock (_gate)
        {
            stage.Leases--;
        }

        changed();
    }

    private static bool IsIdle(Stage stage) => stage.Leases == 0 && stage.Loaded is not null;

    // Loads that ended since the last look, also those whose job was cancelled meanwhile. A failed one stays for its job to see.
    private void Settle()
    {
        foreach (Stage stage in _held)
        {
            if (stage.Loading is { IsCompletedSuccessfully: true } loading)
            {
                stage.Loaded = loading.Result;
                stage.Loading = null;
            }
        }
    }

    // Room for a stage: what is idle goes, oldest first, until it fits. A stage over the capacity needs it all.
    private bool MakeRoom(Stage stage)
    {
        long needed = Math.Min(stage.ByteLength, capacity);
        _held.RemoveAll(held => held.Loading is { IsFaulted: true });
        foreach (Stage idle in _held.Where(IsIdle).OrderBy(held => held.LastUse).ToList())
        {
            if (_held.Sum(held => held.HeldBytes) <= capacity - needed)
            {
                break;
            }

            Drop(idle);
        }

        return _held.Sum(held => held.HeldBytes) <= capacity - needed;
    }

    private void Drop(Stage stage)
    {
        stage.Loaded?.Dispose();
        stage.Loaded = null;
        stage.Loading = null;
        _held.Remove(stage);
    }
}
