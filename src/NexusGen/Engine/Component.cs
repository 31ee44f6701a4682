namespace NexusGen.Engine;

/// <summary>The part of a <see cref="Component{T}"/> that does not depend on its type, for the cache.</summary>
internal abstract class Component
{
    private readonly Lazy<long> _byteLength;

    private protected Component(string name, Func<long> measure)
    {
        Name = name;
        _byteLength = new Lazy<long>(measure);
    }

    /// <summary>Gets the name, for progress reports and messages.</summary>
    public string Name { get; }

    /// <summary>Gets the size in bytes when the component is fully loaded.</summary>
    public long ByteLength => _byteLength.Value;

    internal IDisposable? Loaded { get; set; }

    internal Task<IDisposable>? Loading { get; set; }

    internal int Leases { get; set; }

    internal long HeldBytes { get; set; }

    internal long LastUse { get; set; }

    internal abstract IDisposable Load(long budget);
}
