using System.Collections.Immutable;

namespace NexusGen.Weights.Files;

/// <summary>Sizes of tensors from untrusted shapes and strides: every product and sum is checked for overflow.</summary>
internal static class TensorLayout
{
    /// <summary>The largest number of sides that is accepted.</summary>
    public const int MaxRank = 32;

    /// <summary>How many elements a shape has.</summary>
    /// <param name="shape">The sides.</param>
    /// <param name="count">The number.</param>
    /// <returns>False where a side is negative, there are too many, or the product of the others than 0 overflows.</returns>
    public static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        count = 0;
        if (shape.Length > MaxRank)
        {
            return false;
        }

        Int128 product = 1;
        bool empty = false;
        foreach (long side in shape)
        {
            if (side < 0)
            {
                return false;
            }

            empty |= side == 0;
            product *= Math.Max(side, 1);
            if (product > long.MaxValue)
            {
                return false;
            }
        }

        count = empty ? 0 : (long)product;
        return true;
    }

    /// <summary>How many elements of a storage a view spans, from its first to its last.</summary>
    /// <param name="shape">The sides, none negative.</param>
    /// <param name="strides">The strides.</param>
    /// <returns>−1 where that overflows, a stride is negative, or there are not as many strides as sides.</returns>
    public static long Extent(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        if (shape.Length != strides.Length)
        {
            return -1;
        }

        Int128 last = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            if (strides[i] < 0)
            {
                return -1;
            }

            if (shape[i] == 0)
            {
                return 0;
            }

            // One product stays below 2^126, and the sum is cut before it can leave 128 bits.
            last += (Int128)(shape[i] - 1) * strides[i];
            if (last >= long.MaxValue)
            {
                return -1;
            }
        }

        return (long)last + 1;
    }

    /// <summary>Whether the elements lie in row-major order without gaps. Strides of sides of 1 don't matter.</summary>
    /// <param name="shape">The sides.</param>
    /// <param name="strides">As many strides.</param>
    public static bool IsContiguous(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        Int128 expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] == 0)
            {
                return true;
            }

            if (shape[i] != 1 && strides[i] != expected)
            {
                return false;
            }

            expected *= shape[i];
        }

        return true;
    }

    /// <summary>A shape for messages.</summary>
    /// <param name="shape">The sides.</param>
    public static string Format(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";
}
