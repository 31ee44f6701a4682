using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A random order of the numbers 0 … count − 1 that is computed, not stored: any place can be asked for by itself, and the
/// same seed always gives the same order. A Feistel network over the smallest even number of bits that holds the count;
/// numbers outside it are sent through again until they fall inside.
/// </summary>
public sealed class Permutation
{
    private const int Rounds = 6;

    private readonly ulong _seed;
    private readonly int _halfBits;
    private readonly ulong _halfMask;

    /// <summary>An order.</summary>
    /// <param name="count">How many numbers, at least 1.</param>
    /// <param name="seed">Which order.</param>
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

    /// <summary>How many numbers there are.</summary>
    public long Count { get; }

    /// <summary>The number at a place.</summary>
    /// <param name="place">From 0 to count − 1.</param>
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
