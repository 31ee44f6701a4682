using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// The loss of phase 2 (section 4 of the paper; <c>train/decoder/*_trainer.py</c> of the official repository): the transformer
/// predicts noise − latents from noisy latents. The squared error is weighted by timestep.
/// </summary>
internal static class FlowMatchingLoss
{
    /// <summary>The embedded guidance that the transformer receives during training.</summary>
    public const double EmbeddedGuidance = 3.5;

    private static readonly FlowMatchSchedule Schedule = new(FlowMatchSchedule.TrainingSteps);
    private static readonly float[] Weights = Schedule.TrainingWeights();

    /// <summary>Returns the official weight of a timestep.</summary>
    /// <param name="timestep">The index of the timestep, from 0 (pure noise) to 999.</param>
    public static float Weight(int timestep) => Weights[timestep];

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="condition">The condition on the images, with one row in total or one row per image.</param>
    /// <param name="latents">[batch, channels, height, width]: the latents of the images.</param>
    /// <param name="noise">The noise, in the shape of the latents.</param>
    /// <param name="timesteps">
    /// The index of a training timestep, from 0 (pure noise) to 999, for each image or one for all images.
    /// </param>
    /// <param name="weights">The weight of each timestep, or null for the official ones.</param>
    /// <param name="mask">The weight of each latent, [batch, 1, height, width], or null for 1.</param>
    /// <returns>The mean over the batch, a float32 scalar.</returns>
    public static Tensor Compute(
        FluxTransformer transformer,
        DiffusionCondition condition,
        Tensor latents,
        Tensor noise,
        IReadOnlyList<int> timesteps,
        IReadOnlyList<float>? weights = null,
        Tensor? mask = null)
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
        Tensor squares = (velocity.to(ScalarType.Float32) - FlowMatchSchedule.Target(clean, drawn)).Squared();
        Tensor errors = (mask is null ? squares : squares * mask.to(ScalarType.Float32, device)).mean([1, 2, 3]);
        float[] factors = weights is null ? [.. each.Select(Weight)]
            : weights.Count == 1 ? [.. Enumerable.Repeat(weights[0], (int)rows)]
            : [.. weights];
        return (errors * tensor(factors).to(device)).mean().MoveToOuterDisposeScope();
    }
}
