namespace NexusGen.Weights.Quantization;

/// <summary>
/// Converts float32 values to 8-bit floating point (4 exponent bits, 3 mantissa bits, no infinities: <c>float8_e4m3fn</c>),
/// rounding to the nearest and ties to even, as PyTorch does. What is too large becomes NaN.
/// </summary>
internal static class Float8Quantizer
{
    private const byte NotANumber = 0x7F;

    // Halfway between the largest number, 448, and what would be the next one.
    private const float Overflow = 464;
    private const float LeastNormal = 1 / 64f;

    /// <summary>Converts values.</summary>
    public static void Run(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            bytes[i] = Of(values[i]);
        }
    }

    private static byte Of(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint sign = bits >> 24 & 0x80, magnitude = bits & 0x7FFFFFFF;
        float absolute = BitConverter.UInt32BitsToSingle(magnitude);
        if (!(absolute <= Overflow))
        {
            return (byte)(sign | NotANumber);
        }

        if (absolute < LeastNormal)
        {
            return (byte)(sign | (uint)MathF.Round(absolute * 512, MidpointRounding.ToEven));
        }

        // 20 bits of the mantissa are lost; the bias of the exponent changes from 127 to 7.
        uint rounded = magnitude + 0x7FFFF + (magnitude >> 20 & 1);
        return (byte)(sign | ((rounded >> 20) - (120 << 3)));
    }
}
