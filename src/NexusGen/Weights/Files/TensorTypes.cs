using System.Collections.Frozen;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files;

/// <summary>
/// The element types of weight files, with their safetensors names and their sizes. Two of them are libtorch types that
/// TorchSharp's enumeration lacks.
/// </summary>
internal static class TensorTypes
{
    /// <summary>8-bit floating point with 4 exponent bits and no infinities: PyTorch's <c>float8_e4m3fn</c>.</summary>
    public const ScalarType Float8E4M3 = (ScalarType)24;

    /// <summary>8-bit floating point with 5 exponent bits: PyTorch's <c>float8_e5m2</c>.</summary>
    public const ScalarType Float8E5M2 = (ScalarType)23;

    private static readonly FrozenDictionary<string, ScalarType> ByName = new Dictionary<string, ScalarType>
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["F8_E4M3"] = Float8E4M3,
        ["F8_E5M2"] = Float8E5M2,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ScalarType, string> Names =
        ByName.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Gets the names of all types, for messages.</summary>
    internal static string AllNames => string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal));

    /// <summary>Gets the safetensors name of a type, for example <c>BF16</c>, or its name in TorchSharp if it has none.</summary>
    /// <param name="type">The type.</param>
    public static string NameOf(ScalarType type) => Names.TryGetValue(type, out string? name) ? name : type.ToString();

    /// <summary>Finds the type with a safetensors name.</summary>
    /// <param name="name">The name, for example <c>BF16</c>.</param>
    /// <param name="type">The type.</param>
    /// <returns>true if it is a supported type; otherwise, false.</returns>
    public static bool TryParse(string name, out ScalarType type) => ByName.TryGetValue(name, out type);

    /// <summary>Whether weight files can hold a type.</summary>
    /// <param name="type">The type.</param>
    public static bool IsStorable(ScalarType type) => Names.ContainsKey(type);

    /// <summary>Gets the size of an element in bytes.</summary>
    /// <param name="type">A storable type.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type can't be stored.</exception>
    public static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        ScalarType.Int8 or ScalarType.Byte or ScalarType.Bool or Float8E4M3 or Float8E5M2 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Weight files don't support this type."),
    };
}
