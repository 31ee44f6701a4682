using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NexusGen.Torch.Kernels;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// The product of a row of Q4_K blocks and a vector. A value is scale · q − minimum, so a sub-block contributes
/// scale · Σ q·x − minimum · Σ x, and the sums Σ x of the vector's parts are the same for all rows.
/// </summary>
internal static unsafe class Q4KProduct
{
    /// <summary>The name of the type.</summary>
    public const string Name = "Q4_K";

    private const int BlockValues = 256, BlockBytes = 144, PartValues = 32, Parts = BlockValues / PartValues;

    /// <summary>Allocates memory for the sums of a vector's parts, to be freed as aligned memory.</summary>
    /// <param name="width">The length of the vector.</param>
    public static float* Allocate(long width) =>
        (float*)NativeMemory.AlignedAlloc((nuint)(width / PartValues * sizeof(float)), 64);

    /// <summary>Computes the sums of a vector's parts.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="parts">Receives the sums.</param>
    /// <param name="width">The length of the vector.</param>
    public static void SumParts(float* vector, float* parts, long width)
    {
        for (long i = 0; i < width / PartValues; i++)
        {
            float* part = vector + (i * PartValues);
            parts[i] = Vector512.Sum(Vector512.Load(part) + Vector512.Load(part + Kernel.Lanes));
        }
    }

    /// <summary>Computes the product.</summary>
    /// <param name="row">The blocks of the row.</param>
    /// <param name="vector">The vector.</param>
    /// <param name="parts">The sums of the vector's parts.</param>
    /// <param name="width">The length of the vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Of(byte* row, float* vector, float* parts, long width)
    {
        Vector512<float> sum = default;
        float minima = 0;
        for (byte* end = row + (width / BlockValues * BlockBytes); row < end; row += BlockBytes, parts += Parts)
        {
            float scale = Lanes.Half(row), minimumScale = Lanes.Half(row + 2), minimum = 0;
            byte* q = row + 16;
            for (int j = 0; j < Parts; j += 2, q += PartValues, vector += 2 * PartValues)
            {
                (int low, int lowMinimum) = SuperBlocks.SixBits(row + 4, j);
                (int high, int highMinimum) = SuperBlocks.SixBits(row + 4, j + 1);
                Vector128<byte> first = Lanes.Load(q), second = Lanes.Load(q + Lanes.Count);
                Vector512<float> lows = Floats(Lanes.Low(first)) * Vector512.Load(vector);
                lows = Vector512.FusedMultiplyAdd(Floats(Lanes.Low(second)), Vector512.Load(vector + 16), lows);
                Vector512<float> highs = Floats(Lanes.High(first)) * Vector512.Load(vector + 32);
                highs = Vector512.FusedMultiplyAdd(Floats(Lanes.High(second)), Vector512.Load(vector + 48), highs);
                sum = Vector512.FusedMultiplyAdd(lows, Vector512.Create(scale * low), sum);
                sum = Vector512.FusedMultiplyAdd(highs, Vector512.Create(scale * high), sum);
                minimum += (lowMinimum * parts[j]) + (highMinimum * parts[j + 1]);
            }

            minima += minimumScale * minimum;
        }

        return Vector512.Sum(sum) - minima;
    }

    // The bytes are less than 16, so their sign does not matter.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Floats(Vector128<byte> bytes) => SByteElement.Widen(bytes.AsSByte());
}
