using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// A weight of signed bytes with one scale, or one for each row, as ComfyUI writes it (<c>int8_tensorwise</c>). With
/// <c>convrot</c> the columns of each group were multiplied by a rotation, which is its own inverse.
/// </summary>
/// <param name="stored">The weight.</param>
/// <param name="scale">The scale.</param>
/// <param name="group">The number of columns that are rotated together, a power of four, or 1 for no rotation.</param>
internal sealed unsafe class ScaledInt8(TensorEntry stored, TensorEntry scale, int group)
    : ScaledTensor(stored, stored.Name, stored.Shape)
{
    /// <inheritdoc/>
    public override PackedEntry? Packed(ITensorStore store) => group > 1 ? null : new PackedEntry(store, Stored, scale, null);

    /// <inheritdoc/>
    protected override long Unit => Math.Max(Entry.Shape[^1], 1);

    /// <inheritdoc/>
    protected override ComputedTensor.Filler Prepare(ITensorStore store, Tensor numbers)
    {
        float[] scales = Floats(store, scale);
        long columns = Unit;
        sbyte* codes = (sbyte*)Data(numbers);
        return (first, count, target) =>
        {
            for (long row = 0; row < count; row += columns)
            {
                float factor = scales.Length == 1 ? scales[0] : scales[(first + row) / columns];
                for (long i = row; i < row + columns; i++)
                {
                    target[i] = codes[first + i] * factor;
                }
            }

            for (long start = 0; group > 1 && start < count; start += group)
            {
                Rotate(new Span<float>(target + start, group));
            }
        };
    }

    // The Kronecker power of the symmetric matrix [1 1 1 −1; 1 1 −1 1; 1 −1 1 1; −1 1 1 1], divided by the root of the size: one
    // factor for each power of four.
    private static void Rotate(Span<float> values)
    {
        float norm = 1;
        for (int stride = 1; stride < values.Length; stride *= 4, norm /= 2)
        {
            for (int start = 0; start < values.Length; start += 4 * stride)
            {
                for (int i = start; i < start + stride; i++)
                {
                    (float a, float b) = (values[i], values[i + stride]);
                    (float c, float d) = (values[i + (2 * stride)], values[i + (3 * stride)]);
                    values[i] = a + b + (c - d);
                    values[i + stride] = a + b - (c - d);
                    values[i + (2 * stride)] = a - b + (c + d);
                    values[i + (3 * stride)] = b - a + (c + d);
                }
            }
        }

        foreach (ref float value in values)
        {
            value *= norm;
        }
    }
}
