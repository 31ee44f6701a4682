using System.Runtime.InteropServices;

namespace NexusGen.Weights.Quantization;

/// <summary>Converts float32 values to ggml's plain types, rounding to the nearest and ties to even.</summary>
internal static class PlainQuantizer
{
    /// <summary>F32: the values as they are.</summary>
    public static void Float32(ReadOnlySpan<float> values, Span<byte> bytes) => MemoryMarshal.AsBytes(values).CopyTo(bytes);

    /// <summary>F16.</summary>
    public static void Float16(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        Span<Half> target = MemoryMarshal.Cast<byte, Half>(bytes);
        for (int i = 0; i < values.Length; i++)
        {
            target[i] = (Half)values[i];
        }
    }

    /// <summary>BF16. A value that is not a number stays one.</summary>
    public static void BFloat16(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        Span<ushort> target = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (int i = 0; i < values.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(values[i]);
            target[i] = float.IsNaN(values[i])
                ? (ushort)((bits >> 16) | 64)
                : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
