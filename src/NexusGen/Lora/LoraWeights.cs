using NexusGen.Weights.Modules;

namespace NexusGen.Lora;

/// <summary>The changes of one LoRA file for one model. It owns them.</summary>
/// <param name="changes">The changes, each with the path of its layer.</param>
internal sealed class LoraWeights(IReadOnlyList<(string Path, LinearDelta Delta)> changes) : IDisposable
{
    /// <summary>Gets the changes, each with the path of its layer.</summary>
    public IReadOnlyList<(string Path, LinearDelta Delta)> Changes => changes;

    /// <summary>Gets the number of bytes of the changes.</summary>
    public long ByteLength { get; } = changes.Sum(change => change.Delta.ByteLength);

    /// <summary>Adds the changes to those of a request.</summary>
    /// <param name="deltas">The changes of the request.</param>
    /// <param name="strength">The factor of the changes.</param>
    /// <param name="part">Returns the path in the part of the model that computes, or null if the layer isn't there.</param>
    public void AddTo(LinearDeltas deltas, double strength, Func<string, string?> part)
    {
        foreach ((string path, LinearDelta delta) in changes)
        {
            if (part(path) is { } inside)
            {
                deltas.Add(inside, delta, strength);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, LinearDelta delta) in changes)
        {
            delta.Dispose();
        }
    }
}
