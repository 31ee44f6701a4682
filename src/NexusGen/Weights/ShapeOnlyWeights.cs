using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>
/// Weights without values, on the meta device. A model built from them takes no memory but has all its parameters.
/// </summary>
internal sealed class ShapeOnlyWeights : IWeightProvider
{
    private readonly ConcurrentDictionary<string, long[]>? _requested;

    /// <summary>Initializes weights that record the requested tensors.</summary>
    public ShapeOnlyWeights()
        : this(new ConcurrentDictionary<string, long[]>())
    {
    }

    private ShapeOnlyWeights(ConcurrentDictionary<string, long[]>? requested) => _requested = requested;

    /// <summary>Gets weights that record nothing.</summary>
    public static ShapeOnlyWeights Unrecorded { get; } = new(null);

    /// <summary>Gets the names and shapes that were requested so far.</summary>
    public IReadOnlyDictionary<string, long[]> Requested =>
        _requested ?? throw new InvalidOperationException("These weights record no requests.");

    /// <inheritdoc/>
    public bool Contains(string name) => true;

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        _requested?.TryAdd(request.Name, request.Shape);
        return empty(request.Shape, dtype: request.Type, device: META).DetachFromDisposeScope();
    }
}
