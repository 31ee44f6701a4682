namespace NexusGen.Weights.Modules;

/// <summary>
/// The seed of the random numbers of the training batch that this thread computes, for dropout. Each layer derives its own
/// numbers from it. A block that is computed again in the backward pass, or in a resumed training, therefore drops the same
/// inputs.
/// </summary>
internal sealed class DropoutSeed : IDisposable
{
    [ThreadStatic]
    private static ulong? _current;

    private readonly ulong? _outer = _current;

    private DropoutSeed(ulong? seed) => _current = seed;

    /// <summary>Gets the seed, or null outside of training batches: then nothing is dropped.</summary>
    public static ulong? Current => _current;

    /// <summary>Sets the seed of this thread until the returned object is disposed.</summary>
    /// <param name="seed">The seed, or null for no dropout.</param>
    public static IDisposable Enter(ulong? seed) => new DropoutSeed(seed);

    /// <inheritdoc/>
    public void Dispose() => _current = _outer;
}
