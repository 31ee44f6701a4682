using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>The projected queries, keys and values of one stream, with the norms that have yet to be applied.</summary>
/// <param name="Qkv">[batch, tokens, at least 3·heads·head width]: queries, keys, values, then anything else.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="QueryNorm">The norm of the queries of each head.</param>
/// <param name="KeyNorm">The norm of the keys of each head.</param>
internal readonly record struct FluxProjection(Tensor Qkv, int Heads, RmsNorm QueryNorm, RmsNorm KeyNorm)
{
    /// <summary>Returns queries, keys and values, each a view [batch, tokens, heads, head width].</summary>
    public Tensor[] Parts()
    {
        long width = QueryNorm.Weight.shape[0];
        return Qkv.narrow(-1, 0, 3 * Heads * width).view(Qkv.shape[0], Qkv.shape[1], 3, Heads, width).unbind(2);
    }
}
