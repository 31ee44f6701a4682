using System.Collections.Frozen;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files;

/// <summary>
/// The element types of weight files, with their safetensors names and their sizes. Some of them are libtorch types that
/// TorchSharp's enumeration lacks. All types of the format can be listed; some can't be read, see <see cref="IsStorable"/>.
/// </summary>
internal static class TensorTypes
{
    /// <summary>8-bit floating point with 4 exponent bits and no infinities: PyTorch's <c>float8_e4m3fn</c>.</summary>
    public const ScalarType Float8E4M3 = (ScalarType)24;

    /// <summary>8-bit floating point with 5 exponent bits: PyTorch's <c>float8_e5m2</c>.</summary>
    public const ScalarType Float8E5M2 = (ScalarType)23;

    private const ScalarType Float8E5M2Fnuz = (ScalarType)25;
    private const ScalarType Float8E4M3Fnuz = (ScalarType)26;
    private const ScalarType UInt16 = (ScalarType)27;
    private const ScalarType UInt32 = (ScalarType)28;
    private const ScalarType UInt64 = (ScalarType)29;
    private const ScalarType Float8E8M0 = (ScalarType)44;

    // Types that libtorch lacks, under numbers that it does not use. Their elements are packed.
    private const ScalarType Float6E2M3 = (ScalarType)101;
    private const ScalarType Float6E3M2 = (ScalarType)102;
    private const ScalarType Float4 = (ScalarType)103;

    private static readonly FrozenDictionary<string, (ScalarType Type, int Bits, bool Storable)> ByName =
        new Dictionary<string, (ScalarType, int, bool)>
        {
            ["F64"] = (ScalarType.Float64, 64, true),
            ["F32"] = (ScalarType.Float32, 32, true),
            ["F16"] = (ScalarType.Float16, 16, true),
            ["BF16"] = (ScalarType.BFloat16, 16, true),
            ["F8_E4M3"] = (Float8E4M3, 8, true),
            ["F8_E5M2"] = (Float8E5M2, 8, true),
            ["I64"] = (ScalarType.Int64, 64, true),
            ["I32"] = (ScalarType.Int32, 32, true),
            ["I16"] = (ScalarType.Int16, 16, true),
            ["I8"] = (ScalarType.Int8, 8, true),
            ["U8"] = (ScalarType.Byte, 8, true),
            ["BOOL"] = (ScalarType.Bool, 8, true),
            ["C64"] = (ScalarType.ComplexFloat32, 64, false),
            ["U64"] = (UInt64, 64, false),
            ["U32"] = (UInt32, 32, false),
            ["U16"] = (UInt16, 16, false),
            ["F8_E8M0"] = (Float8E8M0, 8, false),
            ["F8_E4M3FNUZ"] = (Float8E4M3Fnuz, 8, false),
            ["F8_E5M2FNUZ"] = (Float8E5M2Fnuz, 8, false),
            ["F6_E2M3"] = (Float6E2M3, 6, false),
            ["F6_E3M2"] = (Float6E3M2, 6, false),
            ["F4"] = (Float4, 4, false),
        }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ScalarType, (string Name, int Bits, bool Storable)> ByType =
        ByName.ToFrozenDictionary(pair => pair.Value.Type, pair => (pair.Key, pair.Value.Bits, pair.Value.Storable));

    /// <summary>Gets the names of all types that can be listed, for messages.</summary>
    internal static string AllNames => Join(_ => true);

    /// <summary>Gets the names of the types that can be read and written, for messages.</summary>
    internal static string StorableNames => Join(storable => storable);

    /// <summary>Gets the safetensors name of a type, for example <c>BF16</c>, or its name in TorchSharp if it has none.</summary>
    /// <param name="type">The type.</param>
    public static string NameOf(ScalarType type) => ByType.TryGetValue(type, out var known) ? known.Name : type.ToString();

    /// <summary>Gets the name of the type in which a tensor is stored: that of its blocks or its elements.</summary>
    /// <param name="entry">The tensor.</param>
    public static string NameOf(TensorEntry entry) => entry.Blocks?.Name ?? NameOf(entry.Type);

    /// <summary>Whether a tensor can be read; otherwise, it can only be listed.</summary>
    /// <param name="entry">The tensor.</param>
    public static bool IsReadable(TensorEntry entry) => entry.Blocks?.CanWiden ?? IsStorable(entry.Type);

    /// <summary>Finds the type with a safetensors name.</summary>
    /// <param name="name">The name, for example <c>BF16</c>.</param>
    /// <param name="type">The type.</param>
    /// <returns>true if it is a type of the format; otherwise, false.</returns>
    public static bool TryParse(string name, out ScalarType type)
    {
        bool found = ByName.TryGetValue(name, out var known);
        type = known.Type;
        return found;
    }

    /// <summary>
    /// Whether tensors of a type can be read and written. Those of the other types of the format can only be listed.
    /// </summary>
    /// <param name="type">The type.</param>
    public static bool IsStorable(ScalarType type) => ByType.TryGetValue(type, out var known) && known.Storable;

    /// <summary>Gets the size of an element in bytes.</summary>
    /// <param name="type">A storable type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type can't be stored.</exception>
    public static int SizeOf(ScalarType type) => IsStorable(type)
        ? ByType[type].Bits / 8
        : throw new ArgumentOutOfRangeException(nameof(type), type, "Tensors of this type can't be read or written.");

    /// <summary>Computes the number of bytes of elements, some types of which are smaller than a byte and packed.</summary>
    /// <param name="type">A type of the format.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="bytes">The number of bytes.</param>
    /// <returns>false if the number overflows or the elements don't fill the last byte; otherwise, true.</returns>
    public static bool TryByteLength(ScalarType type, long count, out long bytes)
    {
        Int128 bits = (Int128)count * ByType[type].Bits;
        bytes = bits / 8 <= long.MaxValue ? (long)(bits / 8) : 0;
        return bits / 8 <= long.MaxValue && bits % 8 == 0;
    }

    private static string Join(Func<bool, bool> wanted) => string.Join(
        ", ", ByName.Where(pair => wanted(pair.Value.Storable)).Select(pair => pair.Key).Order(StringComparer.Ordinal));
}
