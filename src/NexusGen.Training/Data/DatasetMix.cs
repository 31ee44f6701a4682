using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Several datasets, mixed by weight into one endless sequence with random access. In each thousand positions, each dataset has
/// its share, rounded to an integer of at least one. Each dataset is shuffled anew for each pass over it.
/// </summary>
internal sealed class DatasetMix
{
    private const int BlockLength = 1000;

    private readonly long[] _sizes;
    private readonly int[] _shares;
    private readonly ulong _seed;

    /// <summary>Initializes the mix.</summary>
    /// <param name="sizes">The number of records of each dataset.</param>
    /// <param name="weights">The relative weight of each dataset.</param>
    /// <param name="seed">The seed of all orders.</param>
    /// <exception cref="ArgumentException">
    /// A size or weight is not positive, their counts differ, or there are no or more than 1,000 datasets.
    /// </exception>
    public DatasetMix(IReadOnlyList<long> sizes, IReadOnlyList<double> weights, ulong seed)
    {
        if (sizes.Count != weights.Count || sizes.Count == 0
            || sizes.Any(size => size < 1) || weights.Any(weight => !(weight > 0)))
        {
            throw new ArgumentException("Each dataset of a mix must have a positive number of records and a positive weight.");
        }

        if (sizes.Count > BlockLength)
        {
            throw new ArgumentException(
                $"A mix of {sizes.Count} datasets exceeds the maximum of {BlockLength}; join some of their files.");
        }

        _sizes = [.. sizes];
        _seed = seed;
        _shares = Shares(weights);
    }

    /// <summary>Gets the record at a position of the sequence.</summary>
    /// <param name="place">The position, from 0.</param>
    /// <returns>The index of the dataset, and of the record within it.</returns>
    public (int Set, long Record) this[long place]
    {
        get
        {
            (long block, long inBlock) = Math.DivRem(place, BlockLength);

            // A single dataset needs no mixing: each pass contains every record once, however few there are.
            long slot = _sizes.Length == 1
                ? inBlock
                : new Permutation(BlockLength, CounterRandom.Hash(_seed, 0, (ulong)block))[inBlock];
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

    // The integer number of positions per block: shares are rounded down, and the remaining positions go to the largest
    // remainders. A dataset without a position then takes one from the largest share, because every dataset is to be used.
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
