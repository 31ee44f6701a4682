using NexusGen.Torch;
using NexusGen.Torch.Kernels;
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
        Kernel.Fits(x.shape[^1], x, shift, scale)
            ? NormModulateKernel.Run(x, shift, scale, (float)Epsilon)
            : AddProduct(shift, Ops.LayerNorm(x, null, null, Epsilon), scale + 1);

    /// <summary>GELU by its tanh approximation of a tensor that nobody else will read: its memory may be used again.</summary>
    public static Tensor Gelu(Tensor x)
    {
        if (!Kernel.Fits(x.shape[^1], x))
        {
            return Ops.Gelu(x, tanh: true);
        }

        ActivationKernel.GeluTanh(x, x);
        return x;
    }

    /// <summary>One tensor, then GELU of another, side by side.</summary>
    public static Tensor JoinWithGelu(Tensor first, Tensor second)
    {
        long width = first.shape[^1], more = second.shape[^1];
        if (!Kernel.Fits(more, second, first))
        {
            return cat([first, Ops.Gelu(second, tanh: true)], -1);
        }

        Tensor joined = empty([first.shape[0], first.shape[1], width + more], dtype: first.dtype);
        joined.narrow(-1, 0, width).copy_(first);
        ActivationKernel.GeluTanh(second, joined.narrow(-1, width, more));
        return joined;
    }
}
