using NexusGen.Lora;
using NexusGen.Weights.Modules;

namespace NexusGen.Jobs;

/// <summary>The right to use LoRA files, which stay in memory until the lease is disposed.</summary>
/// <param name="weights">The files with their strengths.</param>
/// <param name="release">Called once, on disposal.</param>
internal sealed class LoraLease(IReadOnlyList<(LoraWeights Weights, double Strength)> weights, Action release) : IDisposable
{
    private bool _disposed;

    /// <summary>Gets the changes of a part of the model, or null if there are none.</summary>
    /// <param name="part">Returns the path of a layer in the part, or null if the layer isn't there; null for all layers.</param>
    public LinearDeltas? Of(Func<string, string?>? part = null)
    {
        var deltas = new LinearDeltas();
        foreach ((LoraWeights lora, double strength) in weights)
        {
            lora.AddTo(deltas, strength, part ?? (path => path));
        }

        return deltas.IsEmpty ? null : deltas;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            release();
        }
    }
}
