using System.Runtime.Intrinsics;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// ggml's K types: blocks of 256 values whose sub-blocks have small integers as scales, relative to a scale of the block.
/// </summary>
internal static unsafe class SuperBlocks
{
    /// <summary>Q2_K: 16 scales and minima of four bits, 256 numbers of two bits, scale, scale of the minima.</summary>
    public static void Q2(byte* block, float* values)
    {
        float d = Lanes.Half(block + 80), m = Lanes.Half(block + 82);
        byte* scales = block;
        for (int half = 0; half < 2; half++)
        {
            byte* q = block + 16 + (half * 32);
            for (int shift = 0; shift < 8; shift += 2)
            {
                for (int i = 0; i < 32; i += Lanes.Count, values += Lanes.Count)
                {
                    byte scale = *scales++;
                    Lanes.Store(Lanes.Two(Lanes.Load(q + i), shift), d * (scale & 15), -(m * (scale >> 4)), values);
                }
            }
        }
    }

    /// <summary>Q3_K: the third bits, 256 numbers of two bits, 16 scales of six bits, scale.</summary>
    public static void Q3(byte* block, float* values)
    {
        float d = Lanes.Half(block + 108);
        sbyte* scales = stackalloc sbyte[16];
        Q3Scales(block + 96, scales);
        var four = Vector128.Create((sbyte)4);
        for (int half = 0; half < 2; half++)
        {
            byte* q = block + 32 + (half * 32);
            for (int k = 0; k < 4; k++)
            {
                for (int i = 0; i < 32; i += Lanes.Count, values += Lanes.Count)
                {
                    Vector128<byte> third = Lanes.Bit(Lanes.Load(block + i), (half * 4) + k, 4);
                    Vector128<byte> number = Lanes.Two(Lanes.Load(q + i), k * 2) + third;
                    Lanes.Store(number.AsSByte() - four, d * *scales++, values);
                }
            }
        }
    }

    /// <summary>Q4_K: scale, scale of the minima, 8 scales and minima of six bits, 256 numbers of four bits.</summary>
    public static void Q4(byte* block, float* values)
    {
        float d = Lanes.Half(block), m = Lanes.Half(block + 2);
        byte* q = block + 16;
        for (int j = 0; j < 8; j += 2, q += 32, values += 64)
        {
            (int scale, int minimum) = SixBits(block + 4, j);
            (int scale2, int minimum2) = SixBits(block + 4, j + 1);
            for (int i = 0; i < 32; i += Lanes.Count)
            {
                Vector128<byte> both = Lanes.Load(q + i);
                Lanes.Store(Lanes.Low(both), d * scale, -(m * minimum), values + i);
                Lanes.Store(Lanes.High(both), d * scale2, -(m * minimum2), values + 32 + i);
            }
        }
    }

    /// <summary>Q5_K: as Q4_K, with the fifth bits before the numbers.</summary>
    public static void Q5(byte* block, float* values)
    {
        float d = Lanes.Half(block), m = Lanes.Half(block + 2);
        byte* fifth = block + 16, q = block + 48;
        for (int j = 0; j < 8; j += 2, q += 32, values += 64)
        {
            (int scale, int minimum) = SixBits(block + 4, j);
            (int scale2, int minimum2) = SixBits(block + 4, j + 1);
            for (int i = 0; i < 32; i += Lanes.Count)
            {
                Vector128<byte> both = Lanes.Load(q + i), bits = Lanes.Load(fifth + i);
                Lanes.Store(Lanes.Low(both) | Lanes.Bit(bits, j, 16), d * scale, -(m * minimum), values + i);
                Lanes.Store(Lanes.High(both) | Lanes.Bit(bits, j + 1, 16), d * scale2, -(m * minimum2), values + 32 + i);
            }
        }
    }

    /// <summary>Q6_K: the low four bits of 256 numbers, their high two bits, 16 scales, scale.</summary>
    public static void Q6(byte* block, float* values)
    {
        float d = Lanes.Half(block + 208);
        var center = Vector128.Create((sbyte)32);
        for (int half = 0; half < 2; half++, values += 128)
        {
            byte* low = block + (half * 64), high = block + 128 + (half * 32);
            sbyte* scales = (sbyte*)(block + 192 + (half * 8));
            for (int i = 0; i < 32; i += Lanes.Count)
            {
                Vector128<byte> first = Lanes.Load(low + i), second = Lanes.Load(low + 32 + i), bits = Lanes.Load(high + i);
                int s = i / Lanes.Count;
                Put(Lanes.Low(first), 0, s);
                Put(Lanes.Low(second), 2, s + 2);
                Put(Lanes.High(first), 4, s + 4);
                Put(Lanes.High(second), 6, s + 6);

                void Put(Vector128<byte> four, int shift, int scale) => Lanes.Store(
                    (four | Vector128.ShiftLeft(Lanes.Two(bits, shift), 4)).AsSByte() - center,
                    d * scales[scale],
                    values + (scale / 2 * 32) + i);
            }
        }
    }

    /// <summary>Unpacks a scale and a minimum of six bits each from the twelve bytes of Q4_K and Q5_K.</summary>
    /// <param name="packed">The twelve bytes.</param>
    /// <param name="j">The number of the sub-block.</param>
    public static (int Scale, int Minimum) SixBits(byte* packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4), (packed[j + 4] >> 4) | (packed[j] >> 6 << 4));

    // The low four bits of scale j are in a half of byte j mod 8, its high two bits in byte 8 + j mod 4.
    private static void Q3Scales(byte* packed, sbyte* scales)
    {
        for (int j = 0; j < 16; j++)
        {
            int low = j < 8 ? packed[j] & 15 : packed[j - 8] >> 4;
            int high = packed[8 + (j % 4)] >> (j / 4 * 2) & 3;
            scales[j] = (sbyte)((low | (high << 4)) - 32);
        }
    }
}
