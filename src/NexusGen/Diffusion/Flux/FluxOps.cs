using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.Flux;

/// <summary>The element-wise operations between FLUX's matrix products.</summary>
internal static class FluxOps
{
    private const double Epsilon = 1e-6;
    private static readonly TorchSharp.Scalar One = Scalars.Of(1);

    /// <summary>x + a·b.</summary>
    public static Tensor AddProduct(Tensor x, Tensor a, Tensor b) => addcmul(x, a, b, One);

    /// <summary>x + gate·change, where nobody else will read the change: its memory may be used again.</summary>
    public static Tensor AddGated(Tensor x, Tensor gate, Tensor change)
    {
        if (!Kernel.Fits(x.shape[^1], x, gate, change))
        {
            return AddProduct(x, gate, change);
        }

        GatedSumKernel.Run(x, gate, change);
        return change;
    }

    /// <summary>Layer norm without weights, then ·(1 + scale) + shift.</summary>
    public static Tensor NormAndModulate(Tensor x, Tensor shift, Tensor scale) =>
        Kernel.Fits(x.shape[^1], x, shift, scale)
            ? NormModulateKernel.Run(x, shift, scale, (float)Epsilon)
            : AddProduct(shift, Ops.LayerNorm(x, null, null, Epsilon), scale.Plus(Scalars.Of(1)));

    /// <summary>GELU by its tanh approximation of a tensor that nobody else will read: its memory may be used again.</summary>
    public static Tensor Gelu(Tensor x)
    {
        if (!Kernel.Fits(x.shape[^1], x))
        {
            return Ops.Gelu(x, tanh: true);
        }

        ActivationKernel.GeluTanh(x);
        return x;
    }

    /// <summary>
    /// What attention gives, then GELU of the last part of a tensor that nobody else will read, side by side: attention's
    /// result takes the place of the values.
    /// </summary>
    /// <param name="attended">[batch, tokens, width].</param>
    /// <param name="wide">[batch, tokens, 3·width + inner]: queries, keys, values, and what GELU is taken of.</param>
    public static Tensor JoinWithGelu(Tensor attended, Tensor wide)
    {
        long width = attended.shape[^1], inner = wide.shape[^1] - (3 * width);
        if (!Kernel.Fits(inner, wide, attended))
        {
            return cat([attended, Ops.Gelu(wide.narrow(-1, 3 * width, inner), tanh: true)], -1);
        }

        wide.narrow(-1, 2 * width, width).copy_(attended);
        ActivationKernel.GeluTanh(wide.narrow(-1, 3 * width, inner));
        return wide.narrow(-1, 2 * width, width + inner);
    }
}
