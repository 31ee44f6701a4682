using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>Activations, in place.</summary>
internal static unsafe class ActivationKernel
{
    /// <summary>GELU by its tanh approximation.</summary>
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

    /// <summary>silu(gate)·up, written over the gate.</summary>
    /// <param name="gate">Dense.</param>
    /// <param name="up">Dense, of the same shape.</param>
    public static void GatedSilu(Tensor gate, Tensor up)
    {
        if (gate.dtype == ScalarType.BFloat16)
        {
            GatedSilu<BFloat16Element>(gate, up);
        }
        else
        {
            GatedSilu<Float32Element>(gate, up);
        }
    }

    private static void GatedSilu<T>(Tensor gate, Tensor up)
        where T : unmanaged, IElement<T>
    {
        const int piece = 1024;
        long count = gate.NumberOfElements;
        var gates = (T*)NativeTensors.Data(gate);
        var ups = (T*)NativeTensors.Data(up);
        KernelThreads.Run((count + piece - 1) / piece, piece, (first, end) =>
        {
            GatedSilu(gates + (first * piece), ups + (first * piece), Math.Min(count, end * piece) - (first * piece));
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatedSilu<T>(T* gate, T* up, long count)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < count; i += Kernel.Lanes)
        {
            T.Store(gate + i, VectorMath.Silu(T.Load(gate + i)) * T.Load(up + i));
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
