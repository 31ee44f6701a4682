using System.Runtime.Intrinsics;

namespace NexusGen.Weights.Quantization;

/// <summary>ggml's types with one scale, or one scale and one minimum, for each block.</summary>
internal static unsafe class SimpleBlocks
{
    /// <summary>Q8_0: a scale, 32 signed bytes.</summary>
    public static void Q8(byte* block, float* values)
    {
        float d = Lanes.Half(block);
        Lanes.Store(Lanes.Load(block + 2).AsSByte(), d, values);
        Lanes.Store(Lanes.Load(block + 18).AsSByte(), d, values + 16);
    }

    /// <summary>Q4_0: a scale, 32 numbers of four bits from −8.</summary>
    public static void Q4(byte* block, float* values)
    {
        float d = Lanes.Half(block);
        Vector128<byte> q = Lanes.Load(block + 2);
        var center = Vector128.Create((sbyte)8);
        Lanes.Store(Lanes.Low(q).AsSByte() - center, d, values);
        Lanes.Store(Lanes.High(q).AsSByte() - center, d, values + 16);
    }

    /// <summary>Q4_1: a scale, a minimum, 32 numbers of four bits.</summary>
    public static void Q4WithMinimum(byte* block, float* values)
    {
        float d = Lanes.Half(block), m = Lanes.Half(block + 2);
        Vector128<byte> q = Lanes.Load(block + 4);
        Lanes.Store(Lanes.Low(q), d, m, values);
        Lanes.Store(Lanes.High(q), d, m, values + 16);
    }

    /// <summary>Q5_0: a scale, the fifth bits, 32 numbers of four bits; from −16.</summary>
    public static void Q5(byte* block, float* values)
    {
        float d = Lanes.Half(block);
        Vector128<byte> q = Lanes.Load(block + 6);
        var center = Vector128.Create((sbyte)16);
        Lanes.Store((Lanes.Low(q) | Lanes.Bits(block + 2, 16)).AsSByte() - center, d, values);
        Lanes.Store((Lanes.High(q) | Lanes.Bits(block + 4, 16)).AsSByte() - center, d, values + 16);
    }

    /// <summary>Q5_1: a scale, a minimum, the fifth bits, 32 numbers of four bits.</summary>
    public static void Q5WithMinimum(byte* block, float* values)
    {
        float d = Lanes.Half(block), m = Lanes.Half(block + 2);
        Vector128<byte> q = Lanes.Load(block + 8);
        Lanes.Store(Lanes.Low(q) | Lanes.Bits(block + 4, 16), d, m, values);
        Lanes.Store(Lanes.High(q) | Lanes.Bits(block + 6, 16), d, m, values + 16);
    }

    /// <summary>Q1_0: a scale, 128 signs.</summary>
    public static void Q1(byte* block, float* values)
    {
        float d = Lanes.Half(block);
        for (int i = 0; i < 128; i += Lanes.Count)
        {
            Lanes.Store(Lanes.Bits(block + 2 + (i / 8), 2).AsSByte() - Vector128<sbyte>.One, d, values + i);
        }
    }

    /// <summary>Q2_0: a scale, 64 numbers of two bits from −1.</summary>
    public static void Q2(byte* block, float* values)
    {
        float d = Lanes.Half(block);
        for (int i = 0; i < 64; i++)
        {
            values[i] = ((block[2 + (i / 4)] >> (i % 4 * 2) & 3) - 1) * d;
        }
    }

    /// <summary>TQ1_0: 240 numbers of three values, five in a byte, then 16, four in a byte; the scale.</summary>
    public static void Ternary1(byte* block, float* values)
    {
        float d = Lanes.Half(block + 52);
        values = Trits(block, 32, 5, d, values);
        values = Trits(block + 32, 16, 5, d, values);
        Trits(block + 48, 4, 4, d, values);
    }

    /// <summary>TQ2_0: 256 numbers of two bits from −1, the scale.</summary>
    public static void Ternary2(byte* block, float* values)
    {
        float d = Lanes.Half(block + 64);
        for (int half = 0; half < 2; half++)
        {
            for (int shift = 0; shift < 8; shift += 2)
            {
                for (int i = 0; i < 32; i += Lanes.Count, values += Lanes.Count)
                {
                    Vector128<byte> q = Lanes.Two(Lanes.Load(block + (half * 32) + i), shift);
                    Lanes.Store(q.AsSByte() - Vector128<sbyte>.One, d, values);
                }
            }
        }
    }

    // A byte holds a fraction of 256 whose digits to base 3 are the numbers, the first one first.
    private static float* Trits(byte* source, int bytes, int digits, float d, float* values)
    {
        byte power = 1;
        for (int digit = 0; digit < digits; digit++)
        {
            for (int i = 0; i < bytes; i++)
            {
                *values++ = (((byte)(source[i] * power) * 3 >> 8) - 1) * d;
            }

            power *= 3;
        }

        return values;
    }
}
