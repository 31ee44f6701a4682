namespace NexusGen.Engine;

/// <summary>The right to use a loaded stage; it stays loaded until the lease is disposed.</summary>
/// <typeparam name="T">What is loaded.</typeparam>
internal sealed class ComponentLease<T> : IDisposable
    where T : class, IDisposable
{
    private readonly ComponentCache _cache;
    private readonly Component<T> _stage;
    private bool _disposed;

    internal ComponentLease(ComponentCache cache, Component<T> stage)
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
