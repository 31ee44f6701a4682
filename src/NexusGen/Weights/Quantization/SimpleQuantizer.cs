using System.Buffers.Binary;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// Converts float32 values to ggml's types with one scale for each block. The bytes equal those of ggml's own code: every product
/// and sum is rounded to float32, and values are multiplied by the unrounded inverse of the scale, not divided by the scale.
/// </summary>
internal static class SimpleQuantizer
{
    private const int Size = 32;

    /// <summary>Q8_0.</summary>
    public static void Q8(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[34..])
        {
            float largest = 0;
            foreach (float value in values[..Size])
            {
                largest = MathF.Max(largest, MathF.Abs(value));
            }

            float d = largest / 127;
            float inverse = Inverse(d);
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)d);
            for (int i = 0; i < Size; i++)
            {
                blocks[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
            }
        }
    }

    /// <summary>Q4_0.</summary>
    public static void Q4(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<int> q = stackalloc int[Size];
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[18..])
        {
            BinaryPrimitives.WriteHalfLittleEndian(blocks, Symmetric(values, 8, q));
            Pack(q, blocks[2..], default);
        }
    }

    /// <summary>Q4_1.</summary>
    public static void Q4WithMinimum(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<int> q = stackalloc int[Size];
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[20..])
        {
            Affine(values, 15, q, blocks);
            Pack(q, blocks[4..], default);
        }
    }

    /// <summary>Q5_0.</summary>
    public static void Q5(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<int> q = stackalloc int[Size];
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[22..])
        {
            BinaryPrimitives.WriteHalfLittleEndian(blocks, Symmetric(values, 16, q));
            Pack(q, blocks[6..], blocks[2..6]);
        }
    }

    /// <summary>Q5_1.</summary>
    public static void Q5WithMinimum(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<int> q = stackalloc int[Size];
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[24..])
        {
            Affine(values, 31, q, blocks);
            Pack(q, blocks[8..], blocks[4..8]);
        }
    }

    // The value of the largest magnitude, the first one of several, becomes the most negative number.
    private static Half Symmetric(ReadOnlySpan<float> values, int center, Span<int> q)
    {
        float largest = 0, extreme = 0;
        foreach (float value in values[..Size])
        {
            if (MathF.Abs(value) > largest)
            {
                largest = MathF.Abs(value);
                extreme = value;
            }
        }

        float d = extreme / -center;
        float inverse = Inverse(d);
        for (int i = 0; i < Size; i++)
        {
            float scaled = values[i] * inverse;
            q[i] = Math.Clamp((int)(scaled + (center + 0.5f)), 0, (2 * center) - 1);
        }

        return (Half)d;
    }

    private static void Affine(ReadOnlySpan<float> values, int largest, Span<int> q, Span<byte> block)
    {
        float low = float.MaxValue, high = float.MinValue;
        foreach (float value in values[..Size])
        {
            low = value < low ? value : low;
            high = value > high ? value : high;
        }

        float d = (high - low) / largest;
        float inverse = Inverse(d);
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)d);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], (Half)low);
        for (int i = 0; i < Size; i++)
        {
            float scaled = (values[i] - low) * inverse;
            q[i] = Math.Clamp((int)(scaled + 0.5f), 0, largest);
        }
    }

    // Value i is in the low half of byte i, value i + 16 in the high half; bit i of the fifth bits belongs to value i.
    private static void Pack(ReadOnlySpan<int> q, Span<byte> halves, Span<byte> fifth)
    {
        for (int i = 0; i < Size / 2; i++)
        {
            halves[i] = (byte)((q[i] & 15) | ((q[i + (Size / 2)] & 15) << 4));
        }

        if (!fifth.IsEmpty)
        {
            uint bits = 0;
            for (int i = 0; i < Size; i++)
            {
                bits |= (uint)(q[i] >> 4) << i;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(fifth, bits);
        }
    }

    private static float Inverse(float d) => d == 0 ? 0 : 1 / d;
}
