using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>The values of 8-bit floating-point numbers.</summary>
internal static class Float8Values
{
    private static readonly float[] E4M3 = [.. Enumerable.Range(0, 256).Select(code => OfE4M3((byte)code))];
    private static readonly float[] E5M2 = [.. Enumerable.Range(0, 256).Select(code => OfE5M2((byte)code))];

    /// <summary>Gets the value of each code.</summary>
    /// <param name="type">One of the two types.</param>
    public static ReadOnlySpan<float> Of(ScalarType type) => type == TensorTypes.Float8E4M3 ? E4M3 : E5M2;

    /// <summary>Whether a type is one of the two that are read.</summary>
    /// <param name="type">The type.</param>
    public static bool Contains(ScalarType type) => type is TensorTypes.Float8E4M3 or TensorTypes.Float8E5M2;

    // Bias 7, no infinities; only the codes of all ones are not numbers.
    private static float OfE4M3(byte code)
    {
        int exponent = code >> 3 & 15, mantissa = code & 7;
        float value = (code & 0x7F) == 0x7F ? float.NaN
            : exponent == 0 ? mantissa / 512f
            : MathF.ScaleB(8 + mantissa, exponent - 10);
        return code < 0x80 ? value : -value;
    }

    // The upper half of a number in half precision.
    private static float OfE5M2(byte code) => (float)BitConverter.UInt16BitsToHalf((ushort)(code << 8));
}
