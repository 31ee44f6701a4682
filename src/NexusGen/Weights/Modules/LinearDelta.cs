using NexusGen.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace NexusGen.Weights.Modules;

/// <summary>A low-rank change of a linear layer (LoRA, arXiv 2106.09685): scale · up·down is added to its weight.</summary>
/// <param name="Down">[rank, in].</param>
/// <param name="Up">[out, rank].</param>
/// <param name="Scale">The factor, α/rank in the paper.</param>
public sealed record LinearDelta(Tensor Down, Tensor Up, double Scale)
{
    /// <summary>What the change adds to the layer's output.</summary>
    /// <param name="input">[…, in].</param>
    /// <returns>[…, out] in the input's type.</returns>
    public Tensor Apply(Tensor input)
    {
        using Tensor inner = F.linear(input, Down.to(input.dtype));
        return F.linear(inner, Up.to(input.dtype)) * Scalars.Of(Scale);
    }
}
