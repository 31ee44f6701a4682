using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NexusGen.Torch.Kernels;

/// <summary>An element of a bfloat16 tensor, which is the upper half of a float32.</summary>
[StructLayout(LayoutKind.Sequential, Size = 2)]
internal readonly unsafe struct BFloat16Element : IElement<BFloat16Element>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(BFloat16Element* source)
    {
        Vector256<ushort> bits = Vector256.Load((ushort*)source);
        if (Avx512F.IsSupported)
        {
            return (Avx512F.ConvertToVector512UInt32(bits) << 16).AsSingle();
        }

        return (Vector512.Create(Vector256.WidenLower(bits), Vector256.WidenUpper(bits)) << 16).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(BFloat16Element* target, Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> odd = (bits >> 16) & Vector512<uint>.One;
        Vector512<uint> rounded = (bits + odd + Vector512.Create(0x7FFFu)) >> 16;

        // Rounding could turn a NaN into a number.
        rounded = Vector512.ConditionalSelect(Vector512.IsNaN(values).AsUInt32(), Vector512.Create(0x7FC0u), rounded);
        Vector256<ushort> narrow = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(rounded)
            : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
        narrow.Store((ushort*)target);
    }
}
