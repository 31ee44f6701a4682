using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>Cosines and sines of all tokens' positions in float32, each number twice, for a head's neighbouring pairs.</summary>
/// <param name="Cos">[batch, 1, tokens, head width].</param>
/// <param name="Sin">[batch, 1, tokens, head width].</param>
internal sealed record FluxRotary(Tensor Cos, Tensor Sin);
