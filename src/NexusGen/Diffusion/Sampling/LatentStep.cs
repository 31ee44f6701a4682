using static TorchSharp.torch;

namespace NexusGen.Diffusion.Sampling;

/// <summary>
/// Advances latents to the next noise level: the step rule of a sampler, or one that keeps a masked part of the image.
/// </summary>
/// <param name="schedule">The noise levels.</param>
/// <param name="latents">The latents, [batch, channels, height, width].</param>
/// <param name="velocity">The prediction after guidance, the same shape.</param>
/// <param name="step">The index of the step.</param>
/// <returns>The latents at the next level, a new tensor in the current dispose scope.</returns>
internal delegate Tensor LatentStep(FlowMatchSchedule schedule, Tensor latents, Tensor velocity, int step);
