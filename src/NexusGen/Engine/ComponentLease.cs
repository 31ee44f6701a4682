namespace NexusGen.Engine;

/// <summary>The right to use a loaded component, which stays loaded until the lease is disposed.</summary>
/// <typeparam name="T">The type of the loaded component.</typeparam>
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

    /// <summary>Gets the loaded component.</summary>
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
