using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Converts rows to signed bytes with a scale each: the scale is the row's largest magnitude divided by 127, and a byte the value
/// divided by the scale, rounded to the nearest, ties to even.
/// </summary>
internal static unsafe class RowQuantizeKernel
{
    /// <summary>The largest magnitude of a byte. −128 is not used, so that the range is symmetric.</summary>
    public const float Largest = 127;

    /// <summary>Converts rows. What the kernel does not support is computed by ATen's operators.</summary>
    /// <param name="rows">[rows, width], contiguous.</param>
    /// <returns>
    /// The bytes, [rows, width], int8, and the scales, [rows], float32. The scale of a row of zeros is 0; that of a row with a
    /// number that is not finite is not finite either.
    /// </returns>
    public static (Tensor Numbers, Tensor Scales) Run(Tensor rows)
    {
        if (!Kernel.SupportsInference(rows.shape[^1], rows))
        {
            return Compose(rows);
        }

        Tensor numbers = empty(rows.shape, dtype: ScalarType.Int8), scales = empty(rows.shape[0], dtype: ScalarType.Float32);
        if (rows.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(rows, numbers, scales);
        }
        else
        {
            Run<Float32Element>(rows, numbers, scales);
        }

        return (numbers, scales);
    }

    private static (Tensor Numbers, Tensor Scales) Compose(Tensor rows)
    {
        using var scope = NewDisposeScope();
        Tensor values = rows.to(ScalarType.Float32), scales = values.abs().amax(1L) / Scalars.Of(Largest);
        Tensor numbers = (values / scales.unsqueeze(1)).nan_to_num(0, 0, 0).round().to(ScalarType.Int8);
        return (numbers.MoveToOuterDisposeScope(), scales.MoveToOuterDisposeScope());
    }

    private static void Run<T>(Tensor rows, Tensor numbers, Tensor scales)
        where T : unmanaged, IElement<T>
    {
        long width = rows.shape[^1];
        var from = (T*)NativeTensors.Data(rows);
        var to = (SByteElement*)NativeTensors.Data(numbers);
        float* factors = (float*)NativeTensors.Data(scales);
        KernelThreads.Run(rows.shape[0], width, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                factors[row] = Row(from + (row * width), to + (row * width), width);
            }
        });
        GC.KeepAlive(rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Row<T>(T* from, SByteElement* to, long width)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> most = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            most = Vector512.Max(most, Vector512.Abs(T.Load(from + i)));
        }

        float largest = 0;
        for (int i = 0; i < Kernel.Lanes; i++)
        {
            largest = MathF.Max(largest, most[i]);
        }

        Vector512<float> inverse = Vector512.Create(largest > 0 ? Largest / largest : 0);
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            SByteElement.Store(to + i, T.Load(from + i) * inverse);
        }

        return largest / Largest;
    }
}
