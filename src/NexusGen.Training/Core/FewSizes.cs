using System.Numerics;

namespace NexusGen.Training.Core;

/// <summary>
/// Rounds up sizes that vary from batch to batch, so that few different ones occur: for each new shape libtorch's matrix library
/// generates code, keeps it for later between the tensors in the heap, and leaves holes there that the next sizes don't fit.
/// </summary>
internal static class FewSizes
{
    /// <summary>The next of the eight evenly spaced sizes between two powers of two; at most an eighth is added.</summary>
    /// <param name="size">At least 0.</param>
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
