using System.Buffers.Binary;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// Converts float32 values to ggml's types with a table of values. Scales are searched for the least squared error, so the bytes
/// differ from ggml's.
/// </summary>
internal static class CodebookQuantizer
{
    private const int Steps = 10;

    /// <summary>IQ4_NL.</summary>
    public static void Iq4Nl(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; values.Length >= 32; values = values[32..], blocks = blocks[18..])
        {
            var scale = (Half)FitScale(values[..32], CodebookBlocks.NonLinear);
            BinaryPrimitives.WriteHalfLittleEndian(blocks, scale);
            WriteHalves(values[..32], (float)scale, CodebookBlocks.NonLinear, blocks[2..]);
        }
    }

    /// <summary>IQ4_XS.</summary>
    public static void Iq4Xs(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        Span<float> scales = stackalloc float[8];
        for (; values.Length >= 256; values = values[256..], blocks = blocks[136..])
        {
            float extreme = 0;
            for (int j = 0; j < 8; j++)
            {
                scales[j] = FitScale(values.Slice(j * 32, 32), CodebookBlocks.NonLinear);
                extreme = MathF.Abs(scales[j]) > MathF.Abs(extreme) ? scales[j] : extreme;
            }

            var d = (Half)(extreme / -32);
            blocks[..8].Clear();
            BinaryPrimitives.WriteHalfLittleEndian(blocks, d);
            int high = 0;
            for (int j = 0; j < 8; j++)
            {
                ReadOnlySpan<float> part = values.Slice(j * 32, 32);
                int scale = Nearest(part, (float)d, scales[j]) + 32;
                blocks[4 + (j / 2)] |= (byte)((scale & 15) << (j % 2 * 4));
                high |= scale >> 4 << (2 * j);
                WriteHalves(part, (float)d * (scale - 32), CodebookBlocks.NonLinear, blocks[(8 + (j * 16))..]);
            }

            BinaryPrimitives.WriteUInt16LittleEndian(blocks[2..], (ushort)high);
        }
    }

    /// <summary>MXFP4.</summary>
    public static void Mxfp4(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; values.Length >= 32; values = values[32..], blocks = blocks[17..])
        {
            // The exponent at which the largest value is at most 12, its neighbors, and the best of them.
            float largest = Largest(values[..32]);
            int exponent = largest == 0 ? 0 : Math.ILogB(largest / 12) + 128;
            (byte best, double least) = (0, double.MaxValue);
            for (int candidate = Math.Max(exponent - 2, 0); candidate <= Math.Clamp(exponent + 2, 0, 254); candidate++)
            {
                double error = Error(values[..32], CodebookBlocks.PowerOfTwo((byte)candidate), CodebookBlocks.Float4);
                if (error < least)
                {
                    (best, least) = ((byte)candidate, error);
                }
            }

            blocks[0] = best;
            WriteHalves(values[..32], CodebookBlocks.PowerOfTwo(best), CodebookBlocks.Float4, blocks[1..]);
        }
    }

    /// <summary>NVFP4.</summary>
    public static void Nvfp4(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        for (; values.Length >= 64; values = values[64..], blocks = blocks[36..])
        {
            for (int j = 0; j < 4; j++)
            {
                ReadOnlySpan<float> part = values.Slice(j * 16, 16);
                float wanted = Largest(part) / 6;
                (byte best, double least) = (0, double.MaxValue);
                for (int code = 0; code < 0x7F; code++)
                {
                    float scale = CodebookBlocks.Nvfp4Scale((byte)code);

                    // Scales far from the one that reaches the largest value are not the best.
                    if (scale < wanted / 2 || scale > wanted * 2)
                    {
                        continue;
                    }

                    double error = Error(part, scale / 2, CodebookBlocks.Float4);
                    if (error < least)
                    {
                        (best, least) = ((byte)code, error);
                    }
                }

                // A value beyond the largest scale is clipped.
                best = least == double.MaxValue && wanted > 1 ? (byte)0x7E : best;
                blocks[j] = best;
                WriteHalves(part, CodebookBlocks.Nvfp4Scale(best) / 2, CodebookBlocks.Float4, blocks[(4 + (j * 8))..]);
            }
        }
    }

    private static float FitScale(ReadOnlySpan<float> values, ReadOnlySpan<sbyte> table)
    {
        float extreme = 0;
        foreach (float value in values)
        {
            extreme = MathF.Abs(value) > MathF.Abs(extreme) ? value : extreme;
        }

        (float best, double least) = (0, double.MaxValue);
        for (int step = -Steps; extreme != 0 && step <= Steps; step++)
        {
            foreach (sbyte end in (ReadOnlySpan<sbyte>)[table[0], table[^1]])
            {
                // The numbers for a scale give a better scale.
                float scale = extreme / (end * (1 + (step * 0.02f)));
                for (int round = 0; round < 2; round++)
                {
                    double error = Error(values, scale, table, out float better);
                    if (error < least)
                    {
                        (best, least) = (scale, error);
                    }

                    scale = better;
                }
            }
        }

        return best;
    }

    private static int Nearest(ReadOnlySpan<float> part, float d, float scale)
    {
        int rounded = d == 0 ? 0 : (int)Math.Clamp(MathF.Round(scale / d), -32, 31);
        (int best, double least) = (rounded, double.MaxValue);
        for (int s = Math.Max(rounded - 1, -32); s <= Math.Min(rounded + 1, 31); s++)
        {
            double error = Error(part, d * s, CodebookBlocks.NonLinear);
            if (error < least)
            {
                (best, least) = (s, error);
            }
        }

        return best;
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        return largest;
    }

    private static double Error(ReadOnlySpan<float> values, float scale, ReadOnlySpan<sbyte> table) =>
        Error(values, scale, table, out _);

    private static double Error(ReadOnlySpan<float> values, float scale, ReadOnlySpan<sbyte> table, out float better)
    {
        double error = 0, product = 0, square = 0;
        float inverse = scale == 0 ? 0 : 1 / scale;
        foreach (float value in values)
        {
            sbyte entry = table[NearestIndex(value * inverse, table)];
            double difference = (scale * entry) - value;
            error += difference * difference;
            product += (double)entry * value;
            square += (double)entry * entry;
        }

        better = square > 0 ? (float)(product / square) : scale;
        return error;
    }

    private static int NearestIndex(float value, ReadOnlySpan<sbyte> table)
    {
        int best = 0;
        float least = MathF.Abs(value - table[0]);
        for (int i = 1; i < table.Length; i++)
        {
            float distance = MathF.Abs(value - table[i]);
            (best, least) = distance < least ? (i, distance) : (best, least);
        }

        return best;
    }

    private static void WriteHalves(ReadOnlySpan<float> values, float scale, ReadOnlySpan<sbyte> table, Span<byte> target)
    {
        float inverse = scale == 0 ? 0 : 1 / scale;
        int half = values.Length / 2;
        for (int i = 0; i < half; i++)
        {
            int low = NearestIndex(values[i] * inverse, table), high = NearestIndex(values[i + half] * inverse, table);
            target[i] = (byte)(low | (high << 4));
        }
    }
}
