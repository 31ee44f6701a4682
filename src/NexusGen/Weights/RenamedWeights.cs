using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>The weights of another provider under the model's names.</summary>
/// <param name="inner">The other provider, which knows the names of the file side of the table.</param>
/// <param name="names">The mapping between the two sets of names.</param>
internal sealed class RenamedWeights(IWeightProvider inner, NameTable names) : IWeightProvider
{
    /// <summary>Applies a change, or reverts it: each change is its own inverse.</summary>
    /// <param name="value">The tensor.</param>
    /// <param name="change">The change.</param>
    /// <returns>The changed tensor; a new one unless there is no change.</returns>
    public static Tensor Apply(Tensor value, TensorChange change)
    {
        if (change == TensorChange.None)
        {
            return value;
        }

        long half = value.shape[0] / 2;
        return cat([value.narrow(0, half, value.shape[0] - half), value.narrow(0, 0, half)], 0);
    }

    /// <inheritdoc/>
    public bool Contains(string name) => names.ToFile(name) is ({ } stored, _) && inner.Contains(stored);

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        if (names.ToFile(request.Name) is not ({ } stored, var change))
        {
            throw new WeightException($"The name table has no entry for the tensor {request.Name}.");
        }

        Tensor value = inner.Provide(request with { Name = stored });
        if (change == TensorChange.None)
        {
            return value;
        }

        using (NewDisposeScope())
        using (value)
        {
            return Apply(value, change).DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public PackedWeight? TryProvidePacked(in WeightRequest request, Func<BlockFormat?, bool> wanted) =>
        names.ToFile(request.Name) is ({ } stored, TensorChange.None)
            ? inner.TryProvidePacked(request with { Name = stored }, wanted)
            : null;

    /// <inheritdoc/>
    public ScalarType? StoredType(string name) =>
        names.ToFile(name) is ({ } stored, _) ? inner.StoredType(stored) : null;
}
