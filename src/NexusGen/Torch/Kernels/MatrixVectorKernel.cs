using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// Multiplies a matrix by one vector. The time is bound by reading the matrix from memory, so several rows are read side by side.
/// Sums are accumulated in float32. A matrix of bfloat16 may be multiplied by a vector of float32: half the memory is read. One
/// of signed bytes has a scale for each row.
/// </summary>
internal static unsafe class MatrixVectorKernel
{
    private const int RowsAtOnce = 4;

    /// <summary>
    /// Whether the kernel supports the operands: the input is a single vector, both dimensions of the weight are multiples of the
    /// vector length, and autograd records nothing.
    /// </summary>
    public static bool Supports(Tensor input, Tensor weight, Tensor? bias) =>
        input.NumberOfElements == weight.shape[1] && weight.shape[0] % Kernel.Lanes == 0
        && Kernel.SupportsInference(weight.shape[1], input, bias ?? input) && Kernel.SupportsInference(weight.shape[1], weight)
        && (weight.dtype == input.dtype || weight.dtype == ScalarType.BFloat16);

    /// <summary>Whether the kernel supports the operands, with a matrix of signed bytes; see <see cref="Supports"/>.</summary>
    public static bool SupportsBytes(Tensor input, Tensor weight, Tensor? bias) =>
        input.NumberOfElements == weight.shape[1] && weight.shape[0] % Kernel.Lanes == 0
        && Kernel.SupportsInference(weight.shape[1], input, bias ?? input)
        && weight.device_type == TorchSharp.DeviceType.CPU && weight.stride(-1) == 1;

    /// <summary>Computes weight · vector + bias.</summary>
    /// <param name="input">[…, in], a single vector in total.</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="scales">[out], float32, if the weight consists of signed bytes; otherwise, null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public static Tensor Run(Tensor input, Tensor weight, Tensor? bias, Tensor? scales = null)
    {
        Tensor output = empty([.. input.shape[..^1], weight.shape[0]], dtype: input.dtype);
        switch (input.dtype, weight.dtype)
        {
            case (ScalarType.BFloat16, ScalarType.Int8):
                Run<BFloat16Element, SByteElement>(input, weight, bias, scales, output);
                break;
            case (ScalarType.BFloat16, _):
                Run<BFloat16Element, BFloat16Element>(input, weight, bias, scales, output);
                break;
            case (_, ScalarType.Int8):
                Run<Float32Element, SByteElement>(input, weight, bias, scales, output);
                break;
            case (_, ScalarType.BFloat16):
                Run<Float32Element, BFloat16Element>(input, weight, bias, scales, output);
                break;
            default:
                Run<Float32Element, Float32Element>(input, weight, bias, scales, output);
                break;
        }

        return output;
    }

    private static void Run<T, TWeight>(Tensor input, Tensor weight, Tensor? bias, Tensor? scales, Tensor output)
        where T : unmanaged, IElement<T>
        where TWeight : unmanaged, IElement<TWeight>
    {
        long rows = weight.shape[0], width = weight.shape[1], stride = weight.stride(0);
        var matrix = (TWeight*)NativeTensors.Data(weight);
        T* start = bias is null ? null : (T*)NativeTensors.Data(bias);
        float* factors = scales is null ? null : (float*)NativeTensors.Data(scales);
        var target = (T*)NativeTensors.Data(output);
        float* vector = (float*)NativeMemory.AlignedAlloc((nuint)(width * sizeof(float)), 64);
        float* sums = (float*)NativeMemory.AlignedAlloc((nuint)(rows * sizeof(float)), 64);
        try
        {
            Widen((T*)NativeTensors.Data(input), vector, width);
            KernelThreads.Run(rows / RowsAtOnce, RowsAtOnce * width, (first, end) =>
            {
                for (long row = first * RowsAtOnce; row < end * RowsAtOnce; row += RowsAtOnce)
                {
                    Multiply(matrix + (row * stride), stride, vector, sums + row, width);
                }
            });
            for (long row = 0; row < rows; row += Kernel.Lanes)
            {
                Vector512<float> sum = Vector512.Load(sums + row);
                sum = factors is null ? sum : sum * Vector512.Load(factors + row);
                T.Store(target + row, start is null ? sum : sum + T.Load(start + row));
            }
        }
        finally
        {
            NativeMemory.AlignedFree(vector);
            NativeMemory.AlignedFree(sums);
        }
    }

    private static void Widen<T>(T* from, float* to, long width)
        where T : unmanaged, IElement<T>
    {
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            T.Load(from + i).Store(to + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<T>(T* matrix, long stride, float* vector, float* sums, long width)
        where T : unmanaged, IElement<T>
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        for (long i = 0; i < width; i += Kernel.Lanes)
        {
            Vector512<float> x = Vector512.LoadAligned(vector + i);
            T* row = matrix + i;
            a = Vector512.FusedMultiplyAdd(T.Load(row), x, a);
            b = Vector512.FusedMultiplyAdd(T.Load(row + stride), x, b);
            c = Vector512.FusedMultiplyAdd(T.Load(row + (2 * stride)), x, c);
            d = Vector512.FusedMultiplyAdd(T.Load(row + (3 * stride)), x, d);
        }

        sums[0] = Vector512.Sum(a);
        sums[1] = Vector512.Sum(b);
        sums[2] = Vector512.Sum(c);
        sums[3] = Vector512.Sum(d);
    }
}
