namespace NexusGen.Engine;

/// <summary>What the cache needs to know of a <see cref="Component{T}"/>, whatever it loads.</summary>
internal abstract class Component
{
    private readonly Lazy<long> _byteLength;

    private protected Component(string name, Func<long> measure)
    {
        Name = name;
        _byteLength = new Lazy<long>(measure);
    }

    /// <summary>Its name, for progress and messages.</summary>
    public string Name { get; }

    /// <summary>Its size in bytes when wholly loaded.</summary>
    public long ByteLength => _byteLength.Value;

    internal IDisposable? Loaded { get; set; }

    internal Task<IDisposable>? Loading { get; set; }

    internal int Leases { get; set; }

    internal long HeldBytes { get; set; }

    internal long LastUse { get; set; }

    internal abstract IDisposable Load(long budget);
}
