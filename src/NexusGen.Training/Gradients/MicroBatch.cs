using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>
/// The place of a batch in a training. What the batch holds is a function of this place alone: nothing depends on what was
/// drawn before, so that any batch can be named, made ahead on another thread, and made again.
/// </summary>
/// <param name="Seed">The training's seed.</param>
/// <param name="Step">The step of the optimiser, from 0.</param>
/// <param name="Index">Which of the batches whose gradients are accumulated in this step, from 0.</param>
/// <param name="FirstSample">The number of its first sample in the whole training.</param>
/// <param name="Count">How many samples it has.</param>
public readonly record struct MicroBatch(ulong Seed, long Step, int Index, long FirstSample, int Count)
{
    /// <summary>The numbers of its samples.</summary>
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

    /// <summary>A generator for what is drawn for the whole batch on its device, for example noise. The caller disposes it.</summary>
    /// <param name="purpose">What for; another one gives other numbers.</param>
    /// <param name="device">The device; the CPU where null.</param>
    public Generator NewGenerator(ulong purpose, Device? device = null) =>
        new(CounterRandom.Hash(CounterRandom.Hash(Seed, purpose), (ulong)FirstSample), device);

    /// <inheritdoc/>
    public override string ToString() => $"step {Step}, batch {Index} (samples {FirstSample} to {FirstSample + Count - 1})";
}
