using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// A weight of 8-bit floating-point numbers with one scale, or one for each row, as ComfyUI writes it (<c>.weight_scale</c>, in
/// older files <c>.scale_weight</c>).
/// </summary>
/// <param name="stored">The weight.</param>
/// <param name="scale">The scale.</param>
internal sealed unsafe class ScaledFloat8(TensorEntry stored, TensorEntry scale)
    : ScaledTensor(stored, stored.Name, stored.Shape)
{
    /// <inheritdoc/>
    protected override long Unit => Math.Max(Entry.Shape.IsEmpty ? 1 : Entry.Shape[^1], 1);

    /// <inheritdoc/>
    protected override ComputedTensor.Filler Prepare(ITensorStore store, Tensor numbers)
    {
        float[] scales = Floats(store, scale);
        float[] table = [.. Float8Values.Of(Stored.Type)];
        byte* codes = Data(numbers);
        if (scales.Length == 1)
        {
            // One product for each code instead of one for each value.
            table = [.. table.Select(value => value * scales[0])];
            return (first, count, target) =>
            {
                for (long i = 0; i < count; i++)
                {
                    target[i] = table[codes[first + i]];
                }
            };
        }

        long columns = Unit;
        return (first, count, target) =>
        {
            for (long i = 0; i < count; i++)
            {
                target[i] = table[codes[first + i]] * scales[(first + i) / columns];
            }
        };
    }
}
