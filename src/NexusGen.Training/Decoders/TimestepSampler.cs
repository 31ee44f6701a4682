using NexusGen.Diffusion.Sampling;
using NexusGen.Training.Core;

namespace NexusGen.Training.Decoders;

/// <summary>
/// Samples the timesteps of a decoder's training with their weights in the loss: a pure function of the seed and the sample.
/// </summary>
/// <remarks>
/// Officially all timesteps are equally likely, and the weights are a bell curve that is 0 at pure noise. A small decoder, whose
/// embeddings determine the image, learns faster if the noisiest timesteps are sampled more often with the weight 1, because the
/// first denoising step decides almost everything.
/// </remarks>
/// <param name="configuration">The configuration of the training.</param>
internal sealed class TimestepSampler(DecoderTrainingConfiguration configuration)
{
    private const ulong TimestepPurpose = 0x74696d65, NoisiestPurpose = 0x6e6f6973;

    /// <summary>Samples a timestep.</summary>
    /// <param name="sample">The number of the sample.</param>
    /// <returns>The index of the timestep, from 0 (pure noise) to 999, and its weight.</returns>
    public (int Timestep, float Weight) Sample(ulong sample)
    {
        if (configuration.NoisiestShare > 0
            && CounterRandom.Uniform(configuration.Seed, NoisiestPurpose, sample) < configuration.NoisiestShare)
        {
            return (Below(configuration.NoisiestTimesteps), 1);
        }

        int timestep = Below(FlowMatchSchedule.TrainingSteps);
        return (timestep, configuration.EqualTimestepWeights ? 1 : FlowMatchingLoss.Weight(timestep));

        int Below(long count) => (int)CounterRandom.Below(count, configuration.Seed, TimestepPurpose, sample);
    }
}
