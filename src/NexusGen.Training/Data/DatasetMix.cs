using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Several data sets mixed by weight into one endless row, in which any place can be asked for by itself. Of each thousand places
/// each set has its share, rounded to whole places and at least one; each set is walked in a random order, a new one each time it
/// begins again.
/// </summary>
public sealed class DatasetMix
{
    private const int BlockLength = 1000;

    private readonly long[] _sizes;
    private readonly int[] _shares;
    private readonly ulong _seed;

    /// <summary>A mix.</summary>
    /// <param name="sizes">How many records each set has.</param>
    /// <param name="weights">Its share of the row, in any unit.</param>
    /// <param name="seed">Decides all orders.</param>
    /// <exception cref="ArgumentException">A size or weight is not positive, their numbers differ, or there are more than 1,000.</exception>
    public DatasetMix(IReadOnlyList<long> sizes, IReadOnlyList<double> weights, ulong seed)
    {
        if (sizes.Count != weights.Count || sizes.Count == 0 || sizes.Any(size => size < 1) || weights.Any(weight => !(weight > 0)))
        {
            throw new ArgumentException("Each data set of a mix needs a positive number of records and a positive weight.");
        }

        if (sizes.Count > BlockLength)
        {
            throw new ArgumentException($"A mix of {sizes.Count} data sets is more than {BlockLength}: join some of their files.");
        }

        _sizes = [.. sizes];
        _seed = seed;
        _shares = Shares(weights);
    }

    /// <summary>The record at a place of the row.</summary>
    /// <param name="place">The place, from 0.</param>
    /// <returns>The number of the set, and of the record in it.</returns>
    public (int Set, long Record) this[long place]
    {
        get
        {
            (long block, long inBlock) = Math.DivRem(place, BlockLength);

            // One set alone needs no mixing: each of its rounds has every record once, however few there are.
            long slot = _sizes.Length == 1 ? inBlock : new Permutation(BlockLength, CounterRandom.Hash(_seed, 0, (ulong)block))[inBlock];
            int set = 0;
            while (slot >= _shares[set])
            {
                slot -= _shares[set++];
            }

            (long round, long inRound) = Math.DivRem((block * _shares[set]) + slot, _sizes[set]);
            ulong order = CounterRandom.Hash(_seed, (ulong)set + 1, (ulong)round);
            return (set, new Permutation(_sizes[set], order)[inRound]);
        }
    }

    // Whole numbers of places in a block: rounded down, and what is left to the largest remainders. A set that would get none takes
    // one of the largest, since it is there to be read.
    private static int[] Shares(IReadOnlyList<double> weights)
    {
        double sum = weights.Sum();
        double[] exact = [.. weights.Select(weight => weight / sum * BlockLength)];
        int[] shares = [.. exact.Select(share => (int)share)];
        int left = BlockLength - shares.Sum();
        foreach (int set in Enumerable.Range(0, shares.Length).OrderByDescending(i => exact[i] - shares[i]).Take(left))
        {
            shares[set]++;
        }

        for (int none; (none = Array.IndexOf(shares, 0)) >= 0;)
        {
            shares[Array.IndexOf(shares, shares.Max())]--;
            shares[none]++;
        }

        return shares;
    }
}
