using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// Multiplies a matrix of blocks by one vector. The values of a block exist only in registers or in a core's first cache, so the
/// time is bound by reading the blocks. Sums are accumulated in float32.
/// </summary>
internal static unsafe class BlockVectorKernel
{
    // The values that are widened at a time.
    private const int PieceValues = 1024;

    /// <summary>Whether the kernel supports the operands: a single vector, no gradient, whole vectors of outputs.</summary>
    /// <param name="input">[…, in].</param>
    /// <param name="bytes">[out, bytes of a row], uint8.</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="inFeatures">The number of columns.</param>
    public static bool Supports(Tensor input, Tensor bytes, Tensor? bias, long inFeatures) =>
        input.NumberOfElements == inFeatures
        && bytes.shape[0] % Kernel.Lanes == 0
        && bytes.device_type == TorchSharp.DeviceType.CPU
        && Kernel.SupportsInference(inFeatures, input, bias ?? input);

    /// <summary>Computes matrix · vector + bias.</summary>
    /// <param name="input">[…, in], a single vector in total.</param>
    /// <param name="bytes">[out, bytes of a row], uint8, contiguous.</param>
    /// <param name="blocks">The format of the blocks.</param>
    /// <param name="bias">[out] in the input's type, or null.</param>
    /// <returns>[…, out] in the input's type.</returns>
    public static Tensor Run(Tensor input, Tensor bytes, BlockFormat blocks, Tensor? bias)
    {
        Tensor output = empty([.. input.shape[..^1], bytes.shape[0]], dtype: input.dtype);
        if (input.dtype == ScalarType.BFloat16)
        {
            Run<BFloat16Element>(input, bytes, blocks, bias, output);
        }
        else
        {
            Run<Float32Element>(input, bytes, blocks, bias, output);
        }

        return output;
    }

    private static void Run<T>(Tensor input, Tensor bytes, BlockFormat blocks, Tensor? bias, Tensor output)
        where T : unmanaged, IElement<T>
    {
        (long rows, long rowBytes, long width) = (bytes.shape[0], bytes.shape[1], input.NumberOfElements);
        byte* matrix = NativeTensors.Data(bytes);
        T* from = (T*)NativeTensors.Data(input), start = bias is null ? null : (T*)NativeTensors.Data(bias);
        var target = (T*)NativeTensors.Data(output);
        float* vector = (float*)NativeMemory.AlignedAlloc((nuint)(width * sizeof(float)), 64);
        float* sums = (float*)NativeMemory.AlignedAlloc((nuint)(rows * sizeof(float)), 64);
        float* parts = blocks.Name == Q4KProduct.Name ? Q4KProduct.Allocate(width) : null;
        try
        {
            for (long i = 0; i < width; i += Kernel.Lanes)
            {
                T.Load(from + i).Store(vector + i);
            }

            if (parts is not null)
            {
                Q4KProduct.SumParts(vector, parts, width);
            }

            KernelThreads.Run(rows, width, (first, end) =>
            {
                float* piece = stackalloc float[PieceValues];
                for (long row = first; row < end; row++)
                {
                    byte* at = matrix + (row * rowBytes);
                    sums[row] = parts is null
                        ? Product(at, blocks, vector, width, piece)
                        : Q4KProduct.Of(at, vector, parts, width);
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
            NativeMemory.AlignedFree(parts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Product(byte* row, BlockFormat blocks, float* vector, long width, float* piece)
    {
        Vector512<float> sum = default;
        for (long start = 0; start < width; start += PieceValues)
        {
            long length = Math.Min(PieceValues, width - start);
            blocks.Widen(row + (start / blocks.Values * blocks.Bytes), piece, length / blocks.Values);
            for (long i = 0; i < length; i += Kernel.Lanes)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(piece + i), Vector512.Load(vector + start + i), sum);
            }
        }

        return Vector512.Sum(sum);
    }
}
