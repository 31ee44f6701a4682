using System.Runtime.Intrinsics;

namespace NexusGen.Weights.Quantization;

/// <summary>ggml's types whose numbers of four bits stand for the values of a table.</summary>
internal static unsafe class CodebookBlocks
{
    /// <summary>Gets the table of IQ4_NL and IQ4_XS.</summary>
    public static ReadOnlySpan<sbyte> NonLinear => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>Gets the table of MXFP4 and NVFP4: floating point of four bits (E2M1), doubled.</summary>
    public static ReadOnlySpan<sbyte> Float4 => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>IQ4_NL: a scale, 32 numbers.</summary>
    public static void Iq4Nl(byte* block, float* values) =>
        Halves(block + 2, Vector128.Create(NonLinear), Lanes.Half(block), values);

    /// <summary>IQ4_XS: a scale, the high two and the low four bits of 8 scales, 256 numbers.</summary>
    public static void Iq4Xs(byte* block, float* values)
    {
        float d = Lanes.Half(block);
        int high = block[2] | (block[3] << 8);
        var table = Vector128.Create(NonLinear);
        for (int j = 0; j < 8; j++)
        {
            int low = block[4 + (j / 2)] >> (j % 2 * 4) & 15;
            int scale = (low | ((high >> (2 * j) & 3) << 4)) - 32;
            Halves(block + 8 + (j * 16), table, d * scale, values + (j * 32));
        }
    }

    /// <summary>MXFP4: an exponent, 32 numbers.</summary>
    public static void Mxfp4(byte* block, float* values) =>
        Halves(block + 1, Vector128.Create(Float4), PowerOfTwo(block[0]), values);

    /// <summary>NVFP4: 4 scales, 64 numbers.</summary>
    public static void Nvfp4(byte* block, float* values)
    {
        var table = Vector128.Create(Float4);
        for (int j = 0; j < 4; j++)
        {
            byte* q = block + 4 + (j * 8);
            Vector64<byte> both = Vector64.Load(q);
            var indices = Vector128.Create(both & Vector64.Create((byte)15), Vector64.ShiftRightLogical(both, 4));
            Lanes.Store(Vector128.Shuffle(table, indices.AsSByte()), Nvfp4Scale(block[j]) / 2, values + (j * 16));
        }
    }

    /// <summary>Gets the factor that an exponent of MXFP4 stands for: 2^(e − 128), because its table is doubled.</summary>
    /// <param name="exponent">The exponent.</param>
    public static float PowerOfTwo(byte exponent) =>
        BitConverter.UInt32BitsToSingle(exponent < 2 ? 0x200000u << exponent : (uint)(exponent - 1) << 23);

    /// <summary>Gets the value of a scale of NVFP4: E4M3 without a sign.</summary>
    /// <param name="code">The byte.</param>
    public static float Nvfp4Scale(byte code)
    {
        int exponent = code >> 3 & 15, mantissa = code & 7;
        return (code & 0x7F) == 0x7F ? 0
            : exponent == 0 ? mantissa / 512f
            : MathF.ScaleB(8 + mantissa, exponent - 10);
    }

    private static void Halves(byte* q, Vector128<sbyte> table, float scale, float* values)
    {
        Vector128<byte> both = Lanes.Load(q);
        Lanes.Store(Vector128.Shuffle(table, Lanes.Low(both).AsSByte()), scale, values);
        Lanes.Store(Vector128.Shuffle(table, Lanes.High(both).AsSByte()), scale, values + 16);
    }
}
