using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>Layer norm without weights, then ·(1 + scale) + shift, in one pass over memory.</summary>
internal static unsafe class NormModulateKernel
{
    /// <summary>The modulated norm.</summary>
    /// <param name="x">[batch, tokens, width].</param>
    /// <param name="shift">[batch, 1, width].</param>
    /// <param name="scale">[batch, 1, width].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>[batch, tokens, width], dense.</returns>
    public static Tensor Run(Tensor x, Tensor shift, Tensor scale, float epsilon)
    {
        Tensor output = empty(x.shape, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(x, shift, scale, epsilon, output);
        }
        else
        {
            Run<Float32Element>(x, shift, scale, epsilon, output);
        }

        return output;
    }

    private static void Run<T>(Tensor x, Tensor shift, Tensor scale, float epsilon, Tensor output)
        where T : unmanaged, IElement<T>
    {
        long tokens = x.shape[1], width = x.shape[2];
        var source = (T*)NativeTensors.Data(x);
        var target = (T*)NativeTensors.Data(output);
        var shifts = (T*)NativeTensors.Data(shift);
        var scales = (T*)NativeTensors.Data(scale);
        long batchStride = x.stride(0), tokenStride = x.stride(1), shiftStride = shift.stride(0), scaleStride = scale.stride(0);
        KernelThreads.Run(x.shape[0] * tokens, width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                (long batch, long token) = Math.DivRem(row, tokens);
                Row(
                    source + (batch * batchStride) + (token * tokenStride),
                    shifts + (batch * shiftStride),
                    scales + (batch * scaleStride),
                    target + (row * width),
                    width,
                    epsilon);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(T* x, T* shift, T* scale, T* target, long width, float epsilon)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> sum = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            sum += T.Load(x + i);
        }

        Vector512<float> mean = Vector512.Create(Vector512.Sum(sum) / width), squares = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> difference = T.Load(x + i) - mean;
            squares = Vector512.FusedMultiplyAdd(difference, difference, squares);
        }

        Vector512<float> factor = Vector512.Create(1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon));
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> normed = (T.Load(x + i) - mean) * factor;
            T.Store(target + i, Vector512.FusedMultiplyAdd(normed, T.Load(scale + i) + Vector512<float>.One, T.Load(shift + i)));
        }
    }
}
