using System.Buffers.Binary;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// Converts float32 values to ggml's K types. The layouts are ggml's; the scales come from <see cref="ScaleFit"/> and from the
/// neighbors of their rounded values, so the bytes differ from ggml's and the squared error is not larger.
/// </summary>
internal static class SuperQuantizer
{
    private const int Size = 256;

    /// <summary>Q2_K.</summary>
    public static void Q2(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var fit = new AffineBlock(16, 3, 15);
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[84..])
        {
            fit.Fit(values[..Size]);
            BinaryPrimitives.WriteHalfLittleEndian(blocks[80..], fit.Scale);
            BinaryPrimitives.WriteHalfLittleEndian(blocks[82..], fit.MinimumScale);
            blocks[16..80].Clear();
            for (int j = 0; j < 16; j++)
            {
                blocks[j] = (byte)(fit.Scales[j] | (fit.Minima[j] << 4));
            }

            for (int i = 0; i < Size; i++)
            {
                blocks[16 + (i / 128 * 32) + (i % 32)] |= (byte)(fit.Numbers[i] << (i / 32 % 4 * 2));
            }
        }
    }

    /// <summary>Q3_K.</summary>
    public static void Q3(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var fit = new SymmetricBlock(4, 32);
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[110..])
        {
            fit.Fit(values[..Size]);
            blocks[..108].Clear();
            BinaryPrimitives.WriteHalfLittleEndian(blocks[108..], fit.Scale);
            for (int j = 0; j < 16; j++)
            {
                int scale = fit.Scales[j] + 32;
                blocks[96 + (j % 8)] |= (byte)((scale & 15) << (j / 8 * 4));
                blocks[104 + (j % 4)] |= (byte)(scale >> 4 << (j / 4 * 2));
            }

            for (int i = 0; i < Size; i++)
            {
                int q = fit.Numbers[i] + 4;
                blocks[i % 32] |= (byte)(q >> 2 << (i / 32));
                blocks[32 + (i / 128 * 32) + (i % 32)] |= (byte)((q & 3) << (i / 32 % 4 * 2));
            }
        }
    }

    /// <summary>Q4_K.</summary>
    public static void Q4(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var fit = new AffineBlock(32, 15, 63);
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[144..])
        {
            fit.Fit(values[..Size]);
            WriteScales(fit, blocks);
            WriteHalves(fit.Numbers, blocks[16..]);
        }
    }

    /// <summary>Q5_K.</summary>
    public static void Q5(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var fit = new AffineBlock(32, 31, 63);
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[176..])
        {
            fit.Fit(values[..Size]);
            WriteScales(fit, blocks);
            blocks[16..48].Clear();
            WriteHalves(fit.Numbers, blocks[48..]);
            for (int i = 0; i < Size; i++)
            {
                blocks[16 + (i % 32)] |= (byte)(fit.Numbers[i] >> 4 << (i / 32));
            }
        }
    }

    /// <summary>Q6_K.</summary>
    public static void Q6(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        var fit = new SymmetricBlock(32, 128);
        for (; values.Length >= Size; values = values[Size..], blocks = blocks[210..])
        {
            fit.Fit(values[..Size]);
            blocks[..192].Clear();
            BinaryPrimitives.WriteHalfLittleEndian(blocks[208..], fit.Scale);
            for (int j = 0; j < 16; j++)
            {
                blocks[192 + j] = (byte)(sbyte)fit.Scales[j];
            }

            for (int i = 0; i < Size; i++)
            {
                int q = fit.Numbers[i] + 32, half = i / 128, quarter = i / 32 % 4;
                blocks[(half * 64) + (quarter % 2 * 32) + (i % 32)] |= (byte)((q & 15) << (quarter / 2 * 4));
                blocks[128 + (half * 32) + (i % 32)] |= (byte)(q >> 4 << (quarter * 2));
            }
        }
    }

    private static void WriteScales(AffineBlock fit, Span<byte> block)
    {
        BinaryPrimitives.WriteHalfLittleEndian(block, fit.Scale);
        BinaryPrimitives.WriteHalfLittleEndian(block[2..], fit.MinimumScale);
        Span<byte> packed = block.Slice(4, 12);
        packed.Clear();
        for (int j = 0; j < 8; j++)
        {
            int scale = fit.Scales[j], minimum = fit.Minima[j];
            if (j < 4)
            {
                packed[j] |= (byte)scale;
                packed[j + 4] |= (byte)minimum;
            }
            else
            {
                packed[j + 4] = (byte)((scale & 15) | ((minimum & 15) << 4));
                packed[j - 4] |= (byte)(scale >> 4 << 6);
                packed[j] |= (byte)(minimum >> 4 << 6);
            }
        }
    }

    private static void WriteHalves(ReadOnlySpan<int> numbers, Span<byte> target)
    {
        for (int i = 0; i < Size / 2; i++)
        {
            int first = (i / 32 * 64) + (i % 32);
            target[i] = (byte)((numbers[first] & 15) | ((numbers[first + 32] & 15) << 4));
        }
    }
}
