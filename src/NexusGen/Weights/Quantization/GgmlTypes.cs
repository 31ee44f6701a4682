using System.Collections.Frozen;
using static TorchSharp.torch;

namespace NexusGen.Weights.Quantization;

/// <summary>
/// The element types of ggml by their numbers. The layouts of the blocks are those of ggml-common.h in github.com/ggml-org/ggml.
/// Types that ggml removed (Q4_2, Q4_3, the interleaved ones) are not among them.
/// </summary>
internal static unsafe class GgmlTypes
{
    private static readonly GgmlType[] All =
    [
        Plain(0, "F32", ScalarType.Float32, PlainQuantizer.Float32),
        Plain(1, "F16", ScalarType.Float16, PlainQuantizer.Float16),
        Blocks(2, "Q4_0", 32, 18, SimpleBlocks.Q4, SimpleQuantizer.Q4),
        Blocks(3, "Q4_1", 32, 20, SimpleBlocks.Q4WithMinimum, SimpleQuantizer.Q4WithMinimum),
        Blocks(6, "Q5_0", 32, 22, SimpleBlocks.Q5, SimpleQuantizer.Q5),
        Blocks(7, "Q5_1", 32, 24, SimpleBlocks.Q5WithMinimum, SimpleQuantizer.Q5WithMinimum),
        Blocks(8, "Q8_0", 32, 34, SimpleBlocks.Q8, SimpleQuantizer.Q8),
        Blocks(9, "Q8_1", 32, 36),
        Blocks(10, "Q2_K", 256, 84, SuperBlocks.Q2, SuperQuantizer.Q2),
        Blocks(11, "Q3_K", 256, 110, SuperBlocks.Q3, SuperQuantizer.Q3),
        Blocks(12, "Q4_K", 256, 144, SuperBlocks.Q4, SuperQuantizer.Q4),
        Blocks(13, "Q5_K", 256, 176, SuperBlocks.Q5, SuperQuantizer.Q5),
        Blocks(14, "Q6_K", 256, 210, SuperBlocks.Q6, SuperQuantizer.Q6),
        Blocks(15, "Q8_K", 256, 292),
        Blocks(16, "IQ2_XXS", 256, 66),
        Blocks(17, "IQ2_XS", 256, 74),
        Blocks(18, "IQ3_XXS", 256, 98),
        Blocks(19, "IQ1_S", 256, 50),
        Blocks(20, "IQ4_NL", 32, 18, CodebookBlocks.Iq4Nl, CodebookQuantizer.Iq4Nl),
        Blocks(21, "IQ3_S", 256, 110),
        Blocks(22, "IQ2_S", 256, 82),
        Blocks(23, "IQ4_XS", 256, 136, CodebookBlocks.Iq4Xs, CodebookQuantizer.Iq4Xs),
        Plain(24, "I8", ScalarType.Int8),
        Plain(25, "I16", ScalarType.Int16),
        Plain(26, "I32", ScalarType.Int32),
        Plain(27, "I64", ScalarType.Int64),
        Plain(28, "F64", ScalarType.Float64),
        Blocks(29, "IQ1_M", 256, 56),
        Plain(30, "BF16", ScalarType.BFloat16, PlainQuantizer.BFloat16),
        Blocks(34, "TQ1_0", 256, 54, SimpleBlocks.Ternary1),
        Blocks(35, "TQ2_0", 256, 66, SimpleBlocks.Ternary2),
        Blocks(39, "MXFP4", 32, 17, CodebookBlocks.Mxfp4, CodebookQuantizer.Mxfp4),
        Blocks(40, "NVFP4", 64, 36, CodebookBlocks.Nvfp4, CodebookQuantizer.Nvfp4),
        Blocks(41, "Q1_0", 128, 18, SimpleBlocks.Q1),
        Blocks(42, "Q2_0", 64, 18, SimpleBlocks.Q2),
    ];

    private static readonly FrozenDictionary<uint, GgmlType> ByNumber = All.ToFrozenDictionary(type => type.Number);
    private static readonly FrozenDictionary<string, GgmlType> ByName = All.ToFrozenDictionary(type => type.Name);

    /// <summary>Finds the type with a number, or returns null if there is none.</summary>
    /// <param name="number">The number in a file.</param>
    public static GgmlType? Find(uint number) => ByNumber.GetValueOrDefault(number);

    /// <summary>Finds the type with a name, or returns null if there is none.</summary>
    /// <param name="name">The name, for example <c>Q4_K</c>.</param>
    public static GgmlType? Find(string name) => ByName.GetValueOrDefault(name);

    private static GgmlType Plain(uint number, string name, ScalarType type, GgmlType.Quantizer? quantize = null) =>
        new(number, name, type, null, quantize);

    private static GgmlType Blocks(
        uint number,
        string name,
        int values,
        int bytes,
        BlockFormat.Widener? widen = null,
        GgmlType.Quantizer? quantize = null) =>
        new(number, name, null, new BlockFormat(name, values, bytes, widen), quantize);
}
