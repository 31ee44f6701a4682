using System.Numerics;

namespace NexusGen.Training.Core;

/// <summary>
/// Rounds up sizes that vary from batch to batch, which reduces the number of distinct shapes. For each new shape, libtorch's
/// matrix library generates code and keeps it in the heap, between the tensors. The gaps between these allocations don't fit the
/// tensors of the next sizes.
/// </summary>
internal static class ShapeRounding
{
    /// <summary>Rounds up to the next of eight evenly spaced sizes per power of two. Adds at most an eighth.</summary>
    /// <param name="size">The size, at least 0.</param>
    public static long RoundUp(long size)
    {
        const int PerOctave = 8;
        if (size <= PerOctave)
        {
            return size;
        }

        long step = (1L << BitOperations.Log2((ulong)size)) / PerOctave;
        return (size + step - 1) / step * step;
    }
}
