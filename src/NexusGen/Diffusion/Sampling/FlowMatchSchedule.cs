using NexusGen.Core;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>
/// The noise schedule of flow matching that Nexus-Gen uses for sampling and training (<c>FlowMatchScheduler</c> of DiffSynth,
/// shift 3): σ = 1 is pure noise, the timestep is 1000·σ.
/// </summary>
internal sealed class FlowMatchSchedule
{
    /// <summary>The number of timesteps with which the decoders were trained.</summary>
    public const int TrainingSteps = 1000;

    private const double Shift = 3;
    private const double SigmaMax = 1;
    private const double SigmaMin = 0.003 / 1.002;

    private readonly float[] _sigmas;

    /// <summary>Initializes a schedule.</summary>
    /// <param name="steps">The number of steps.</param>
    /// <param name="denoisingStrength">
    /// The initial noise level before the shift, above 0 and at most 1. Below 1, part of a start image is preserved.
    /// </param>
    /// <exception cref="NexusGenException">A value is out of range.</exception>
    public FlowMatchSchedule(int steps, double denoisingStrength = 1)
    {
        if (steps < 1)
        {
            throw new NexusGenException($"The number of steps is {steps}, but it must be at least 1.");
        }

        if (!(denoisingStrength > 0 && denoisingStrength <= 1))
        {
            throw new NexusGenException($"The denoising strength is {denoisingStrength}, but it must be above 0 and at most 1.");
        }

        // In float32 and with linspace of libtorch, as in the official schedule, because the last digits affect the image.
        using var scope = NewDisposeScope();
        Tensor sigmas = linspace(
            SigmaMin + ((SigmaMax - SigmaMin) * denoisingStrength),
            SigmaMin,
            steps,
            dtype: ScalarType.Float32);
        sigmas = Scalars.Of(Shift) * sigmas / (Scalars.Of(Shift - 1) * sigmas).Plus(Scalars.Of(1));
        _sigmas = sigmas.data<float>().ToArray();
        Timesteps = (sigmas * Scalars.Of(TrainingSteps)).data<float>().ToArray();
    }

    /// <summary>Gets the noise level before each step, in descending order.</summary>
    public IReadOnlyList<float> Sigmas => _sigmas;

    /// <summary>Gets the timestep of each step, 0 to 1000.</summary>
    public IReadOnlyList<float> Timesteps { get; }

    /// <summary>
    /// Returns the weights of the training loss: a bell curve centered on the timestep steps / 2, with a mean of 1.
    /// </summary>
    /// <returns>One weight per step.</returns>
    public float[] TrainingWeights()
    {
        using var scope = NewDisposeScope();
        int steps = _sigmas.Length;
        Tensor bell = (((tensor(Timesteps.ToArray()) - Scalars.Of(steps / 2.0)) / Scalars.Of(steps)).Squared()
            * Scalars.Of(-2)).exp();
        Tensor shifted = bell - bell.min();
        return (shifted * (Scalars.Of(steps) / shifted.sum())).data<float>().ToArray();
    }

    /// <summary>Adds noise to latents.</summary>
    /// <param name="latents">The latents, any shape.</param>
    /// <param name="noise">The noise, the same shape.</param>
    /// <param name="step">The step whose noise level is used.</param>
    /// <returns>(1 − σ)·latents + σ·noise.</returns>
    public Tensor AddNoise(Tensor latents, Tensor noise, int step)
    {
        using var scope = NewDisposeScope();
        return (latents * Scalars.Of(1 - _sigmas[step])).Plus(noise * Scalars.Of(_sigmas[step])).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the velocity that the transformer learns to predict: noise − latents.</summary>
    /// <param name="latents">The latents, any shape.</param>
    /// <param name="noise">The noise, the same shape.</param>
    public static Tensor Target(Tensor latents, Tensor noise) => noise - latents;

    /// <summary>Advances latents to the next noise level.</summary>
    /// <param name="latents">The latents, any shape.</param>
    /// <param name="velocity">The prediction, the same shape.</param>
    /// <param name="step">The index of the step.</param>
    /// <returns>latents + velocity·(σ of the next step − σ). The level after the last step is 0.</returns>
    public Tensor Step(Tensor latents, Tensor velocity, int step)
    {
        using var scope = NewDisposeScope();
        float next = step + 1 < _sigmas.Length ? _sigmas[step + 1] : 0;
        return latents.Plus(velocity * Scalars.Of(next - _sigmas[step])).MoveToOuterDisposeScope();
    }
}
