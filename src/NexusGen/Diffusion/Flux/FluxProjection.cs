using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>One stream's queries, keys and values as they leave their projection, with the norms that they still need.</summary>
/// <param name="Qkv">[batch, tokens, at least 3·heads·head width]: queries, keys, values, then whatever else.</param>
/// <param name="Heads">How many heads there are.</param>
/// <param name="QueryNorm">The norm of each head's queries.</param>
/// <param name="KeyNorm">The norm of each head's keys.</param>
internal readonly record struct FluxProjection(Tensor Qkv, int Heads, RmsNorm QueryNorm, RmsNorm KeyNorm)
{
    /// <summary>Queries, keys and values, each a view [batch, tokens, heads, head width].</summary>
    public Tensor[] Parts()
    {
        long width = QueryNorm.Weight.shape[0];
        return Qkv.narrow(-1, 0, 3 * Heads * width).view(Qkv.shape[0], Qkv.shape[1], 3, Heads, width).unbind(2);
    }
}
