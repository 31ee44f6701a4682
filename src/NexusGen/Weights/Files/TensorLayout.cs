using System.Collections.Immutable;

namespace NexusGen.Weights.Files;

/// <summary>
/// Computes the sizes of tensors from untrusted shapes and strides. Every product and sum is checked for overflow.
/// </summary>
internal static class TensorLayout
{
    /// <summary>The largest number of dimensions that is accepted.</summary>
    public const int MaxRank = 32;

    /// <summary>Counts the elements of a shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="count">The number of elements.</param>
    /// <returns>
    /// false if a dimension is negative, there are too many dimensions, or the product of the nonzero dimensions overflows;
    /// otherwise, true.
    /// </returns>
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

    /// <summary>Counts the elements of a storage that a view spans, from its first to its last element.</summary>
    /// <param name="shape">The shape, without negative dimensions.</param>
    /// <param name="strides">The strides in elements.</param>
    /// <returns>
    /// The number of elements, or −1 if it overflows, a stride is negative, or the shape and the strides differ in length.
    /// </returns>
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

            // One product stays below 2^126, and the loop ends before the sum can exceed 128 bits.
            last += (Int128)(shape[i] - 1) * strides[i];
            if (last >= long.MaxValue)
            {
                return -1;
            }
        }

        return (long)last + 1;
    }

    /// <summary>
    /// Whether the elements are in row-major order without gaps. The strides of dimensions of size 1 don't matter.
    /// </summary>
    /// <param name="shape">The shape.</param>
    /// <param name="strides">The strides in elements, as many as dimensions.</param>
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

    /// <summary>Formats a shape for messages.</summary>
    /// <param name="shape">The shape.</param>
    public static string Format(ImmutableArray<long> shape) => $"[{string.Join(", ", shape)}]";
}
