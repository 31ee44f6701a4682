using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>
/// The cosines and sines of the positions of all tokens in float32. Each value appears twice, for the adjacent pairs of a head.
/// </summary>
/// <param name="Cos">[batch, 1, tokens, head width].</param>
/// <param name="Sin">[batch, 1, tokens, head width].</param>
internal sealed record FluxRotary(Tensor Cos, Tensor Sin);
