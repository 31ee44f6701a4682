using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>Root-mean-square norm with a weight, over dense rows.</summary>
internal static unsafe class RmsNormKernel
{
    /// <summary>The norm.</summary>
    /// <param name="x">[…, width], dense.</param>
    /// <param name="weight">[width].</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>[…, width].</returns>
    public static Tensor Run(Tensor x, Tensor weight, float epsilon)
    {
        Tensor output = empty(x.shape, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, weight, epsilon, output);
        }
        else
        {
            Run<Float32Element>(x, weight, epsilon, output);
        }

        return output;
    }

    private static void Run<T>(Tensor x, Tensor weight, float epsilon, Tensor output)
        where T : unmanaged, IElement<T>
    {
        long width = weight.shape[0];
        var from = (T*)NativeTensors.Data(x);
        var to = (T*)NativeTensors.Data(output);
        var weights = (T*)NativeTensors.Data(weight);
        KernelThreads.Run(x.NumberOfElements / width, width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                Row(from + (row * width), weights, to + (row * width), width, epsilon);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* x, T* weight, T* target, long width, float epsilon)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> squares = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> part = T.Load(x + i);
            squares = Vector512.FusedMultiplyAdd(part, part, squares);
        }

        Vector512<float> factor = Vector512.Create(1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon));
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            T.Store(target + i, T.Load(x + i) * factor * T.Load(weight + i));
        }
    }
}
