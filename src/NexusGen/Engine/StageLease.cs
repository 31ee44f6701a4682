namespace NexusGen.Engine;

/// <summary>The right to use a loaded stage; it stays loaded until the lease is disposed.</summary>
/// <typeparam name="T">What is loaded.</typeparam>
public sealed class StageLease<T> : IDisposable
    where T : class, IDisposable
{
    private readonly StageCache _cache;
    private readonly Stage<T> _stage;
    private bool _disposed;

    internal StageLease(StageCache cache, Stage<T> stage)
    {
        _cache = cache;
        _stage = stage;
        Value = stage.Value;
    }

    /// <summary>What was loaded.</summary>
    public T Value { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _cache.Release(_stage);
        }
    }
}
