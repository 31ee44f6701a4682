using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// A weight of four-bit numbers with a scale and a zero for each group of input columns, as AWQ (version "gemm") and GPTQ store
/// it: transposed, eight numbers in a word. Its values are (q − zero) · scale.
/// </summary>
/// <param name="stored">The words.</param>
/// <param name="name">The name of the weight.</param>
/// <param name="outFeatures">The number of rows of the weight.</param>
/// <param name="inFeatures">The number of columns of the weight.</param>
internal sealed unsafe class GroupedInt4(TensorEntry stored, string name, long outFeatures, long inFeatures)
    : ScaledTensor(stored, name, [outFeatures, inFeatures])
{
    // Words of neighboring rows share a line of the cache.
    private const int Rows = 128;

    // The half of a word that contains each of eight output columns in AWQ's files.
    private static readonly int[] Interleaved = [0, 4, 1, 5, 2, 6, 3, 7];

    /// <summary>Gets the scales, [groups, out].</summary>
    public required TensorEntry Scales { get; init; }

    /// <summary>Gets the words with the zeros, [groups, out / 8].</summary>
    public required TensorEntry Zeros { get; init; }

    /// <summary>Gets the group of each input column, or null if the groups are in order and of equal size.</summary>
    public TensorEntry? Groups { get; init; }

    /// <summary>
    /// Gets whether a word has the numbers of eight output columns, as AWQ's, and not those of eight input columns, as GPTQ's.
    /// </summary>
    public required bool PacksOutput { get; init; }

    /// <summary>Gets whether one less than each zero is stored, in the first format of GPTQ.</summary>
    public bool ZerosMinusOne { get; init; }

    /// <inheritdoc/>
    protected override long Unit => Math.Min(Rows, outFeatures) * inFeatures;

    /// <inheritdoc/>
    protected override ComputedTensor.Filler Prepare(ITensorStore store, Tensor numbers)
    {
        float[] scales = Floats(store, Scales);
        int[] zeros = Integers(store, Zeros), groups = ReadGroups(store);
        uint* words = (uint*)Data(numbers);
        return (first, count, target) =>
        {
            long firstRow = first / inFeatures, rows = count / inFeatures;
            for (long column = 0; column < inFeatures; column++)
            {
                long group = groups[column] * outFeatures;
                for (long row = 0; row < rows; row++)
                {
                    long output = firstRow + row;
                    uint q = PacksOutput
                        ? words[((column * outFeatures) + output) / 8] >> (4 * Interleaved[output % 8])
                        : words[(column / 8 * outFeatures) + output] >> (int)(4 * (column % 8));
                    uint packed = (uint)zeros[(group + output) / 8] + (ZerosMinusOne ? 0x11111111u : 0);
                    uint zero = packed >> (int)(4 * (PacksOutput ? Interleaved[output % 8] : output % 8));
                    target[(row * inFeatures) + column] = ((int)(q & 15) - (int)(zero & 15)) * scales[group + output];
                }
            }
        };
    }

    private int[] ReadGroups(ITensorStore store)
    {
        long count = Scales.Shape[0];
        if (Groups is null)
        {
            return [.. Enumerable.Range(0, (int)inFeatures).Select(column => (int)(column / (inFeatures / count)))];
        }

        int[] groups = Integers(store, Groups);
        return Array.TrueForAll(groups, group => group >= 0 && group < count)
            ? groups
            : throw new WeightFileException(
                $"The tensor {Groups.Name} in {Groups.File} names groups other than the {count} that have scales.");
    }
}
