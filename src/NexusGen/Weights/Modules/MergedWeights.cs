using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>The weights of another provider with the changes of adapters added to them.</summary>
/// <param name="inner">The other provider.</param>
/// <param name="deltas">The changes.</param>
internal sealed class MergedWeights(IWeightProvider inner, LinearDeltas deltas) : IWeightProvider
{
    private const string Bias = ".bias", Weight = ".weight";

    /// <inheritdoc/>
    public bool Contains(string name) => inner.Contains(name);

    /// <inheritdoc/>
    public PackedWeight? TryProvidePacked(in WeightRequest request, Func<BlockFormat?, bool> wanted) =>
        ChangesOf(request.Name).Count > 0 ? null : inner.TryProvidePacked(request, wanted);

    /// <inheritdoc/>
    public ScalarType? StoredType(string name) => ChangesOf(name).Count > 0 ? null : inner.StoredType(name);

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        if (ChangesOf(request.Name) is not { Count: > 0 } changes)
        {
            return inner.Provide(request);
        }

        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        using Tensor stored = inner.Provide(request with { Type = ScalarType.Float32, Device = CPU });
        Tensor sum = stored.clone();
        foreach ((LinearDelta delta, double strength) in changes)
        {
            Tensor? change = request.Name.EndsWith(Bias, StringComparison.Ordinal)
                ? delta.BiasChange()
                : delta.WeightChange(() => stored.narrow(0, delta.Start, delta.Count));
            if (change is not null)
            {
                sum.narrow(0, delta.Start, delta.Count).AddInPlace(change.cpu() * Scalars.Of(strength));
            }
        }

        return sum.to(request.Type, request.Device).DetachFromDisposeScope();
    }

    private IReadOnlyList<(LinearDelta Delta, double Strength)> ChangesOf(string name) =>
        name.EndsWith(Bias, StringComparison.Ordinal) || name.EndsWith(Weight, StringComparison.Ordinal)
            ? deltas.Of(name[..name.LastIndexOf('.')])
            : [];
}
