using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>GELU by its tanh approximation, from one tensor into a part of another.</summary>
internal static unsafe class ActivationKernel
{
    /// <summary>Writes the activated rows of one tensor over those of another.</summary>
    /// <param name="x">[batch, tokens, width].</param>
    /// <param name="target">[batch, tokens, width], of the same type.</param>
    public static void GeluTanh(Tensor x, Tensor target)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, target);
        }
        else
        {
            Run<Float32Element>(x, target);
        }
    }

    private static void Run<T>(Tensor x, Tensor target)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], width = x.shape[2];
        var from = (T*)NativeTensors.Data(x);
        var to = (T*)NativeTensors.Data(target);
        long fromBatch = x.stride(0), fromToken = x.stride(1), toBatch = target.stride(0), toToken = target.stride(1);
        KernelThreads.Run(x.shape[0] * tokens, width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                Row(from + (batch * fromBatch) + (token * fromToken), to + (batch * toBatch) + (token * toToken), width);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* x, T* target, long width)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            T.Store(target + i, VectorMath.GeluTanh(T.Load(x + i)));
        }
    }
}
