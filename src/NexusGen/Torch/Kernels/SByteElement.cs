using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NexusGen.Torch.Kernels;

/// <summary>An element of a tensor of signed bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 1)]
internal readonly unsafe struct SByteElement : IElement<SByteElement>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(SByteElement* source) => Widen(Vector128.Load((sbyte*)source));

    /// <summary>Widens 16 bytes to float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector128<sbyte> bytes)
    {
        if (Avx512F.IsSupported)
        {
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));
        }

        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(bytes);
        (Vector256<int> first, Vector256<int> second) = Vector256.Widen(Vector256.Create(low, high));
        return Vector512.Create(Vector256.ConvertToSingle(first), Vector256.ConvertToSingle(second));
    }

    /// <summary>Stores 16 values of at most 127 in magnitude, rounded to the nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SByteElement* target, Vector512<float> values)
    {
        Vector512<int> numbers = Vector512.ConvertToInt32Native(Vector512.Round(values));
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128SByte(numbers).Store((sbyte*)target);
            return;
        }

        Vector256<short> narrow = Vector256.Narrow(numbers.GetLower(), numbers.GetUpper());
        Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).Store((sbyte*)target);
    }
}
