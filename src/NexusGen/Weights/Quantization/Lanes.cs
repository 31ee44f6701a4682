using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// Converts sixteen small integers to float32 values at once. Products and sums are rounded one after the other, without a fused
/// multiply-add, as ggml's reference code computes them.
/// </summary>
internal static unsafe class Lanes
{
    /// <summary>The number of integers.</summary>
    public const int Count = 16;

    private static readonly Vector128<byte> Powers =
        Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128);

    /// <summary>Reads the number in half precision at an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Half(byte* source) => (float)Unsafe.ReadUnaligned<Half>(source);

    /// <summary>Loads sixteen bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* source) => Vector128.Load(source);

    /// <summary>Gets the low four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Low(Vector128<byte> bytes) => bytes & Vector128.Create((byte)15);

    /// <summary>Gets the high four bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> High(Vector128<byte> bytes) => Vector128.ShiftRightLogical(bytes, 4);

    /// <summary>Gets two bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Two(Vector128<byte> bytes, int shift) =>
        Vector128.ShiftRightLogical(bytes, shift) & Vector128.Create((byte)3);

    /// <summary>Gets a value for each byte: <paramref name="value"/> if one bit of it is set, otherwise 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bit(Vector128<byte> bytes, int bit, byte value)
    {
        var mask = Vector128.Create((byte)(1 << bit));
        return Vector128.Equals(bytes & mask, mask) & Vector128.Create(value);
    }

    /// <summary>Gets a value for each of sixteen consecutive bits: <paramref name="value"/> if it is set, otherwise 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bits(byte* source, byte value)
    {
        var spread = Vector128.Create(Vector64.Create(source[0]), Vector64.Create(source[1]));
        return Vector128.Equals(spread & Powers, Powers) & Vector128.Create(value);
    }

    /// <summary>Stores scale · q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<sbyte> q, float scale, float* target)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(q);
        var factor = Vector128.Create(scale);
        Floats(Vector128.WidenLower(low), factor, target);
        Floats(Vector128.WidenUpper(low), factor, target + 4);
        Floats(Vector128.WidenLower(high), factor, target + 8);
        Floats(Vector128.WidenUpper(high), factor, target + 12);
    }

    /// <summary>Stores scale · q + offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> q, float scale, float offset, float* target)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(q.AsSByte());
        var factor = Vector128.Create(scale);
        var addend = Vector128.Create(offset);
        Floats(Vector128.WidenLower(low), factor, addend, target);
        Floats(Vector128.WidenUpper(low), factor, addend, target + 4);
        Floats(Vector128.WidenLower(high), factor, addend, target + 8);
        Floats(Vector128.WidenUpper(high), factor, addend, target + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Floats(Vector128<int> q, Vector128<float> factor, float* target) =>
        (Vector128.ConvertToSingle(q) * factor).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Floats(Vector128<int> q, Vector128<float> factor, Vector128<float> addend, float* target) =>
        ((Vector128.ConvertToSingle(q) * factor) + addend).Store(target);
}
