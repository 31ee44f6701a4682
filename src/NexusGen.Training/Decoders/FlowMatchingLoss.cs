using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// The loss of phase 2 (section 4 of the paper; <c>train/decoder/*_trainer.py</c> of the official repository): the transformer
/// predicts noise − latents from latents with noise; the squared error counts as much as the timestep's weight.
/// </summary>
public static class FlowMatchingLoss
{
    /// <summary>The guidance that the transformer is told while it is trained.</summary>
    public const double EmbeddedGuidance = 3.5;

    private static readonly FlowMatchSchedule Schedule = new(FlowMatchSchedule.TrainingSteps);
    private static readonly float[] Weights = Schedule.TrainingWeights();

    /// <summary>The loss of a batch.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="condition">What it is told of the pictures; one row, or one a picture.</param>
    /// <param name="latents">[batch, channels, height, width]: the pictures' latents.</param>
    /// <param name="noise">The same shape.</param>
    /// <param name="timesteps">The number of a training timestep, 0 (pure noise) to 999, for each picture, or one for all.</param>
    /// <returns>The mean over the batch, a scalar in float32.</returns>
    public static Tensor Compute(FluxTransformer transformer, DiffusionCondition condition, Tensor latents, Tensor noise, IReadOnlyList<int> timesteps)
    {
        using var scope = NewDisposeScope();
        long rows = latents.shape[0];
        int[] each = timesteps.Count == 1 ? [.. Enumerable.Repeat(timesteps[0], (int)rows)] : [.. timesteps];
        Device device = transformer.Placement.Device;
        ScalarType type = transformer.Placement.Precision;
        Tensor clean = latents.to(ScalarType.Float32, device), drawn = noise.to(ScalarType.Float32, device);
        Tensor sigma = tensor(each.Select(step => Schedule.Sigmas[step]).ToArray()).to(device).view(-1, 1, 1, 1);
        Tensor timestep = tensor(each.Select(step => Schedule.Timesteps[step]).ToArray()).to(device);
        Tensor noisy = (clean * sigma.neg().Plus(Scalars.Of(1))).Plus(drawn * sigma).to(type);
        Tensor guidance = full([rows], Scalars.Of(EmbeddedGuidance), ScalarType.Float32, device);
        DiffusionCondition whole = condition.Expand(rows);
        Tensor velocity = transformer.Forward(noisy, timestep, whole.Context, whole.Pooled, guidance, whole.TextIds);
        Tensor errors = (velocity.to(ScalarType.Float32) - FlowMatchSchedule.Target(clean, drawn)).Squared().mean([1, 2, 3]);
        Tensor weights = tensor(each.Select(step => Weights[step]).ToArray()).to(device);
        return (errors * weights).mean().MoveToOuterDisposeScope();
    }
}
