using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>Weights that are shapes alone, on the meta device: a model built from them says what it is made of, at no cost.</summary>
public sealed class ShapeOnlyWeights : IWeightProvider
{
    private readonly ConcurrentDictionary<string, long[]>? _requested;

    /// <summary>Weights that remember what was asked for.</summary>
    public ShapeOnlyWeights()
        : this(new ConcurrentDictionary<string, long[]>())
    {
    }

    private ShapeOnlyWeights(ConcurrentDictionary<string, long[]>? requested) => _requested = requested;

    /// <summary>Weights that remember nothing.</summary>
    public static ShapeOnlyWeights Unrecorded { get; } = new(null);

    /// <summary>The names and shapes that were asked for so far.</summary>
    public IReadOnlyDictionary<string, long[]> Requested => _requested ?? throw new InvalidOperationException("Nothing is recorded here.");

    /// <inheritdoc/>
    public bool Contains(string name) => true;

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        _requested?.TryAdd(request.Name, request.Shape);
        return empty(request.Shape, dtype: request.Type, device: META).DetachFromDisposeScope();
    }
}
