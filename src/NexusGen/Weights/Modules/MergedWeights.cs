using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>The weights of another provider with the changes of adapters added to them.</summary>
/// <param name="inner">The other provider.</param>
/// <param name="deltas">The changes.</param>
internal sealed class MergedWeights(IWeightProvider inner, LinearDeltas deltas) : IWeightProvider
{
    /// <inheritdoc/>
    public bool Contains(string name) => inner.Contains(name);

    /// <inheritdoc/>
    public Tensor Provide(in WeightRequest request)
    {
        int dot = Math.Max(request.Name.LastIndexOf('.'), 0);
        string path = request.Name[..dot];
        bool isBias = request.Name.EndsWith(".bias", StringComparison.Ordinal);
        if (deltas.Of(path) is not { Count: > 0 } changes
            || !(isBias || request.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            return inner.Provide(request);
        }

        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        using Tensor stored = inner.Provide(request with { Type = ScalarType.Float32, Device = CPU });
        Tensor sum = stored.clone();
        foreach ((LinearDelta delta, double strength) in changes)
        {
            Tensor? change = isBias
                ? delta.BiasChange()
                : delta.WeightChange(() => stored.narrow(0, delta.Start, delta.Count));
            if (change is not null)
            {
                sum.narrow(0, delta.Start, delta.Count).AddInPlace(change.cpu() * Scalars.Of(strength));
            }
        }

        return sum.to(request.Type, request.Device).DetachFromDisposeScope();
    }
}
