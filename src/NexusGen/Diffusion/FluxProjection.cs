using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Diffusion;

/// <summary>One stream's queries, keys and values as they leave their projection, with the norms that they still need.</summary>
/// <param name="Qkv">[batch, tokens, at least 3·heads·head width]: queries, keys, values, then whatever else.</param>
/// <param name="Heads">How many heads there are.</param>
/// <param name="QueryNorm">The norm of each head's queries.</param>
/// <param name="KeyNorm">The norm of each head's keys.</param>
internal readonly record struct FluxProjection(Tensor Qkv, int Heads, RmsNorm QueryNorm, RmsNorm KeyNorm);
