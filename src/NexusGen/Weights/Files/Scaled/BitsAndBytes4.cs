using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// A weight of four-bit numbers of bitsandbytes (NF4 or FP4): a table of 16 values, and a scale for each block of consecutive
/// values. The scales may be bytes themselves, with a table, scales and an offset of their own ("nested").
/// </summary>
/// <param name="stored">The numbers, two in a byte, the first one in the high half.</param>
/// <param name="shape">The shape of the weight.</param>
internal sealed unsafe class BitsAndBytes4(TensorEntry stored, ImmutableArray<long> shape)
    : ScaledTensor(stored, stored.Name, shape)
{
    /// <summary>Gets the scales of the blocks: float32, or bytes if they are nested.</summary>
    public required TensorEntry Scales { get; init; }

    /// <summary>Gets the table of the numbers.</summary>
    public required TensorEntry Table { get; init; }

    /// <summary>Gets the number of values of a block.</summary>
    public required int Block { get; init; }

    /// <summary>Gets the scales of the scales, or null if they are not nested.</summary>
    public TensorEntry? NestedScales { get; init; }

    /// <summary>Gets the table of the scales, or null if they are not nested.</summary>
    public TensorEntry? NestedTable { get; init; }

    /// <summary>Gets the number of scales of a block of scales.</summary>
    public int NestedBlock { get; init; } = 1;

    /// <summary>Gets what is added to the scales.</summary>
    public float NestedOffset { get; init; }

    /// <inheritdoc/>
    protected override long Unit => 2;

    /// <inheritdoc/>
    protected override ComputedTensor.Filler Prepare(ITensorStore store, Tensor numbers)
    {
        float[] table = Floats(store, Table), scales = ReadScales(store);
        byte* codes = Data(numbers);
        int block = Block;
        return (first, count, target) =>
        {
            for (long i = 0; i < count; i++)
            {
                long index = first + i;
                byte both = codes[index >> 1];
                int code = (index & 1) == 0 ? both >> 4 : both & 15;
                target[i] = table[code] * scales[index / block];
            }
        };
    }

    private float[] ReadScales(ITensorStore store)
    {
        float[] scales = Floats(store, Scales);
        if (NestedScales is null || NestedTable is null)
        {
            return scales;
        }

        float[] outer = Floats(store, NestedScales), table = Floats(store, NestedTable);
        for (int i = 0; i < scales.Length; i++)
        {
            float product = table[(int)scales[i]] * outer[i / NestedBlock];
            scales[i] = product + NestedOffset;
        }

        return scales;
    }
}
