using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A random permutation of the numbers 0 … count − 1 that is computed instead of stored: any element can be requested on its own,
/// and the same seed always results in the same permutation. It is a Feistel network over the smallest even number of bits that
/// can represent the count. Results outside the range are encrypted again until they fall inside (cycle walking).
/// </summary>
internal sealed class Permutation
{
    private const int Rounds = 6;

    private readonly ulong _seed;
    private readonly int _halfBits;
    private readonly ulong _halfMask;

    /// <summary>Initializes the permutation.</summary>
    /// <param name="count">The number of elements, at least 1.</param>
    /// <param name="seed">The seed that selects the permutation.</param>
    public Permutation(long count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        _seed = seed;
        while ((1L << (2 * _halfBits)) < count)
        {
            _halfBits++;
        }

        _halfMask = (1UL << _halfBits) - 1;
    }

    /// <summary>Gets the number of elements.</summary>
    public long Count { get; }

    /// <summary>Gets the number at a position.</summary>
    /// <param name="place">The position, from 0 to count − 1.</param>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
            ulong value = (ulong)place;
            do
            {
                value = Encrypt(value);
            }
            while (value >= (ulong)Count);
            return (long)value;
        }
    }

    private ulong Encrypt(ulong value)
    {
        ulong left = value >> _halfBits, right = value & _halfMask;
        for (int round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (CounterRandom.Hash(_seed, (ulong)round, right) & _halfMask));
        }

        return (left << _halfBits) | right;
    }
}
