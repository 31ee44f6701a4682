using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>
/// The position of a batch in a training. The contents of the batch are a function of this position alone, independent of earlier
/// random numbers. Any batch can therefore be identified, prepared in advance on another thread, and created again.
/// </summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The optimizer step, from 0.</param>
/// <param name="Index">The index of the batch among those whose gradients are accumulated in this step, from 0.</param>
/// <param name="FirstSample">The number of the batch's first sample, counted over the entire training.</param>
/// <param name="Count">The number of samples.</param>
internal readonly record struct MicroBatch(ulong Seed, long Step, int Index, long FirstSample, int Count)
{
    /// <summary>
    /// Gets the number of the first sample of the whole batch, of which this is one rank's part. What is random once per batch
    /// depends on it, so that the ranks train what one process with the whole batch would.
    /// </summary>
    public long FirstOfWhole { get; init; } = FirstSample;

    /// <summary>Gets the number of samples of the whole batch.</summary>
    public int WholeCount { get; init; } = Count;

    /// <summary>Gets the numbers of the samples.</summary>
    public IEnumerable<long> Samples
    {
        get
        {
            for (long sample = FirstSample; sample < FirstSample + Count; sample++)
            {
                yield return sample;
            }
        }
    }

    /// <summary>Creates a generator for random tensors of the whole batch, for example noise. The caller disposes it.</summary>
    /// <param name="purpose">Identifies the use. Different purposes have different random numbers.</param>
    /// <param name="device">The device of the generator, or null for the CPU.</param>
    public Generator NewGenerator(ulong purpose, Device? device = null) =>
        new(CounterRandom.Hash(CounterRandom.Hash(Seed, purpose), (ulong)FirstOfWhole), device);

    /// <inheritdoc/>
    public override string ToString() => $"step {Step}, batch {Index} (samples {FirstSample} to {FirstSample + Count - 1})";
}
