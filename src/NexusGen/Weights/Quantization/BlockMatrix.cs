using System.Runtime.InteropServices;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Weights.Quantization;

/// <summary>Converts matrices to blocks and back, row by row and on several threads.</summary>
internal static unsafe class BlockMatrix
{
    /// <summary>Converts a matrix to blocks.</summary>
    /// <param name="matrix">[rows, columns] on the CPU, contiguous, float32 or bfloat16; columns are whole blocks.</param>
    /// <param name="type">The type, which has blocks and can be quantized to.</param>
    /// <returns>The blocks, [rows, bytes of a row], uint8.</returns>
    public static Tensor Quantize(Tensor matrix, GgmlType type)
    {
        BlockFormat blocks = type.Blocks!;
        GgmlType.Quantizer quantize = type.Quantize!;
        (long rows, long columns) = (matrix.shape[0], matrix.shape[1]);
        long rowBytes = columns / blocks.Values * blocks.Bytes;
        Tensor result = empty([rows, rowBytes], dtype: ScalarType.Byte);
        byte* from = NativeTensors.Data(matrix), to = NativeTensors.Data(result);
        bool widen = matrix.dtype == ScalarType.BFloat16;
        long size = matrix.ElementSize;

        // .NET's threads: quantizing allocates, and an exception must not cross libtorch's.
        Parallel.For(
            0L,
            rows,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => widen ? new float[columns] : [],
            (row, _, values) =>
            {
                byte* source = from + (row * columns * size);
                var target = new Span<byte>(to + (row * rowBytes), (int)rowBytes);
                if (widen)
                {
                    fixed (float* wide = values)
                    {
                        ConversionKernel.Run(ScalarType.BFloat16, source, (byte*)wide, columns);
                    }
                }

                quantize(widen ? values : new ReadOnlySpan<float>(source, (int)columns), target);
                return values;
            },
            _ => { });
        GC.KeepAlive(matrix);
        return result;
    }

    /// <summary>Computes the values of some rows.</summary>
    /// <param name="bytes">[rows, bytes of a row], uint8, contiguous, on the CPU.</param>
    /// <param name="blocks">The format of the blocks.</param>
    /// <param name="first">The first row.</param>
    /// <param name="target">[some rows, columns], contiguous, float32 or bfloat16; receives the values.</param>
    public static void Widen(Tensor bytes, BlockFormat blocks, long first, Tensor target)
    {
        (long count, long columns) = (target.shape[0], target.shape[1]);
        long rowBytes = bytes.shape[1];
        byte* from = NativeTensors.Data(bytes) + (first * rowBytes), to = NativeTensors.Data(target);
        bool narrow = target.dtype == ScalarType.BFloat16;
        long size = target.ElementSize;
        KernelThreads.Run(count, columns, (begin, end) =>
        {
            float* wide = narrow ? (float*)NativeMemory.AlignedAlloc((nuint)(columns * sizeof(float)), 64) : null;
            for (long row = begin; row < end; row++)
            {
                byte* values = to + (row * columns * size);
                blocks.Widen(from + (row * rowBytes), narrow ? wide : (float*)values, columns / blocks.Values);
                if (narrow)
                {
                    ConversionKernel.Run(ScalarType.Float32, (byte*)wide, values, columns);
                }
            }

            NativeMemory.AlignedFree(wide);
        });
        GC.KeepAlive(bytes);
        GC.KeepAlive(target);
    }
}
