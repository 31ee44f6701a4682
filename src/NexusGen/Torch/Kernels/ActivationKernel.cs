using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>GELU by its tanh approximation, in place.</summary>
internal static unsafe class ActivationKernel
{
    /// <summary>Activates a tensor.</summary>
    /// <param name="x">[batch, tokens, width].</param>
    public static void GeluTanh(Tensor x)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            GeluTanh<BFloat16Element>(x);
        }
        else
        {
            GeluTanh<Float32Element>(x);
        }
    }

    private static void GeluTanh<T>(Tensor x)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], width = x.shape[2], batchStride = x.stride(0), tokenStride = x.stride(1);
        var data = (T*)NativeTensors.Data(x);
        KernelThreads.Run(x.shape[0] * tokens, width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                GeluTanh(data + (batch * batchStride) + (token * tokenStride), width);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GeluTanh<T>(T* x, long width)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            T.Store(x + i, VectorMath.GeluTanh(T.Load(x + i)));
        }
    }
}
