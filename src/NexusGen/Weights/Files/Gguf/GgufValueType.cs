namespace NexusGen.Weights.Files.Gguf;

/// <summary>The types of metadata values, under their numbers in the file.</summary>
internal enum GgufValueType : uint
{
    /// <summary>An unsigned byte.</summary>
    UInt8,

    /// <summary>A signed byte.</summary>
    Int8,

    /// <summary>An unsigned number of 16 bits.</summary>
    UInt16,

    /// <summary>A signed number of 16 bits.</summary>
    Int16,

    /// <summary>An unsigned number of 32 bits.</summary>
    UInt32,

    /// <summary>A signed number of 32 bits.</summary>
    Int32,

    /// <summary>A floating-point number of 32 bits.</summary>
    Float32,

    /// <summary>A boolean in one byte.</summary>
    Bool,

    /// <summary>A string: a length of 64 bits, UTF-8.</summary>
    String,

    /// <summary>An array: the type of its elements, a length of 64 bits, the elements.</summary>
    Array,

    /// <summary>An unsigned number of 64 bits.</summary>
    UInt64,

    /// <summary>A signed number of 64 bits.</summary>
    Int64,

    /// <summary>A floating-point number of 64 bits.</summary>
    Float64,
}
