using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>x + gate·change, written over the change.</summary>
internal static unsafe class GatedSumKernel
{
    /// <summary>Adds what a layer gives to what it was given.</summary>
    /// <param name="x">[batch, tokens, width].</param>
    /// <param name="gate">[batch, 1, width].</param>
    /// <param name="change">[batch, tokens, width]; becomes the sum.</param>
    public static void Run(Tensor x, Tensor gate, Tensor change)
    {
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, gate, change);
        }
        else
        {
            Run<Float32Element>(x, gate, change);
        }
    }

    private static void Run<T>(Tensor x, Tensor gate, Tensor change)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], width = x.shape[2];
        var source = (T*)NativeTensors.Data(x);
        var gates = (T*)NativeTensors.Data(gate);
        var target = (T*)NativeTensors.Data(change);
        long xBatch = x.stride(0), xToken = x.stride(1), gateBatch = gate.stride(0), toBatch = change.stride(0), toToken = change.stride(1);
        KernelThreads.Run(x.shape[0] * tokens, width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                T* sum = target + (batch * toBatch) + (token * toToken);
                Row(source + (batch * xBatch) + (token * xToken), gates + (batch * gateBatch), sum, width);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* x, T* gate, T* change, long width)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            T.Store(change + i, Vector512.FusedMultiplyAdd(T.Load(gate + i), T.Load(change + i), T.Load(x + i)));
        }
    }
}
