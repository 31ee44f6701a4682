using NexusGen.Core;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>
/// The noise levels of flow matching as Nexus-Gen samples and trains with them (DiffSynth's <c>FlowMatchScheduler</c>, shift 3):
/// σ = 1 is pure noise, the timestep is 1000·σ.
/// </summary>
public sealed class FlowMatchSchedule
{
    /// <summary>How many timesteps the decoders were trained with.</summary>
    public const int TrainingSteps = 1000;

    private const double Shift = 3;
    private const double SigmaMax = 1;
    private const double SigmaMin = 0.003 / 1.002;

    private readonly float[] _sigmas;

    /// <summary>A schedule.</summary>
    /// <param name="steps">How many steps.</param>
    /// <param name="denoisingStrength">How much noise there is at the beginning, above 0 to 1; less where a start image is to stay.</param>
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

        // In float32 and by libtorch's own linspace, as the official schedule: its last digits reach the picture.
        using var scope = NewDisposeScope();
        Tensor sigmas = linspace(SigmaMin + ((SigmaMax - SigmaMin) * denoisingStrength), SigmaMin, steps, dtype: ScalarType.Float32);
        sigmas = Scalars.Of(Shift) * sigmas / (Scalars.Of(Shift - 1) * sigmas).Plus(Scalars.Of(1));
        _sigmas = sigmas.data<float>().ToArray();
        Timesteps = (sigmas * Scalars.Of(TrainingSteps)).data<float>().ToArray();
    }

    /// <summary>The noise level before each step, falling.</summary>
    public IReadOnlyList<float> Sigmas => _sigmas;

    /// <summary>The timestep of each step, 0 to 1000.</summary>
    public IReadOnlyList<float> Timesteps { get; }

    /// <summary>The weights of the training loss: a bell around the middle timesteps, 1 on average.</summary>
    /// <returns>One a step.</returns>
    public float[] TrainingWeights()
    {
        using var scope = NewDisposeScope();
        int steps = _sigmas.Length;
        Tensor bell = (((tensor(Timesteps.ToArray()) - Scalars.Of(steps / 2.0)) / Scalars.Of(steps)).Squared() * Scalars.Of(-2)).exp();
        Tensor shifted = bell - bell.min();
        return (shifted * (Scalars.Of(steps) / shifted.sum())).data<float>().ToArray();
    }

    /// <summary>Latents with noise added.</summary>
    /// <param name="latents">Any shape.</param>
    /// <param name="noise">The same shape.</param>
    /// <param name="step">Which step's level.</param>
    /// <returns>(1 − σ)·latents + σ·noise.</returns>
    public Tensor AddNoise(Tensor latents, Tensor noise, int step)
    {
        using var scope = NewDisposeScope();
        return (latents * Scalars.Of(1 - _sigmas[step])).Plus(noise * Scalars.Of(_sigmas[step])).MoveToOuterDisposeScope();
    }

    /// <summary>What the transformer learns to predict: noise − latents.</summary>
    /// <param name="latents">Any shape.</param>
    /// <param name="noise">The same shape.</param>
    public static Tensor Target(Tensor latents, Tensor noise) => noise - latents;

    /// <summary>Goes on to the next level.</summary>
    /// <param name="latents">Any shape.</param>
    /// <param name="velocity">The prediction, the same shape.</param>
    /// <param name="step">Which step.</param>
    /// <returns>latents + velocity·(σ of the next step − σ); the level after the last is 0.</returns>
    public Tensor Step(Tensor latents, Tensor velocity, int step)
    {
        using var scope = NewDisposeScope();
        float next = step + 1 < _sigmas.Length ? _sigmas[step + 1] : 0;
        return latents.Plus(velocity * Scalars.Of(next - _sigmas[step])).MoveToOuterDisposeScope();
    }
}
