using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// A matrix times one vector, which takes as long as the matrix takes to come from memory: several rows are read side by
/// side, and sums are in float32.
/// </summary>
internal static unsafe class MatrixVectorKernel
{
    private const int RowsAtOnce = 4;

    /// <summary>Whether the kernel may be used: for one vector, and a matrix of whole vectors in both directions.</summary>
    public static bool Fits(Tensor input, Tensor weight, Tensor? bias) =>
        input.NumberOfElements == weight.shape[1] && weight.shape[0] % Kernel.Lanes == 0
        && Kernel.Fits(weight.shape[1], input, weight, bias ?? weight);

    /// <summary>weight · vector + bias.</summary>
    /// <param name="input">[…, in] with one vector in all.</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public static Tensor Run(Tensor input, Tensor weight, Tensor? bias)
    {
        Tensor output = empty([.. input.shape[..^1], weight.shape[0]], dtype: input.dtype);
        if (input.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(input, weight, bias, output);
        }
        else
        {
            Run<Float32Element>(input, weight, bias, output);
        }

        return output;
    }

    private static void Run<T>(Tensor input, Tensor weight, Tensor? bias, Tensor output)
        where T : unmanaged, IElement<T>
    {
        long rows = weight.shape[0], width = weight.shape[1], stride = weight.stride(0);
        var matrix = (T*)NativeTensors.Data(weight);
        T* start = bias is null ? null : (T*)NativeTensors.Data(bias);
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
