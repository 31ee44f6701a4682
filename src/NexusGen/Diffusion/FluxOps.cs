using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Diffusion;

/// <summary>The element-wise operations between FLUX's matrix products.</summary>
internal static class FluxOps
{
    private const double Epsilon = 1e-6;
    private static readonly TorchSharp.Scalar One = 1;

    /// <summary>x + a·b.</summary>
    public static Tensor AddProduct(Tensor x, Tensor a, Tensor b) => addcmul(x, a, b, One);

    /// <summary>Layer norm without weights, then ·(1 + scale) + shift.</summary>
    public static Tensor NormAndModulate(Tensor x, Tensor shift, Tensor scale) =>
        AddProduct(shift, Ops.LayerNorm(x, null, null, Epsilon), scale + 1);

    /// <summary>Rotates neighbouring pairs: (a, b) to (a·cos − b·sin, a·sin + b·cos).</summary>
    public static Tensor Rotate(Tensor x, FluxRotary rotary)
    {
        using var scope = NewDisposeScope();
        Tensor pairs = x.view([.. x.shape[..^1], x.shape[^1] / 2, 2]);
        Tensor turned = stack([-pairs.select(-1, 1), pairs.select(-1, 0)], -1).flatten(-2);
        return AddProduct(x * rotary.Cos, turned, rotary.Sin).MoveToOuterDisposeScope();
    }
}
