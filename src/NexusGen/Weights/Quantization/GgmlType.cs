using static TorchSharp.torch;

namespace NexusGen.Weights.Quantization;

/// <summary>An element type of ggml, which GGUF files name by its number.</summary>
/// <param name="Number">The number in the file.</param>
/// <param name="Name">The name.</param>
/// <param name="Plain">The type of the elements if they are plain numbers; otherwise, null.</param>
/// <param name="Blocks">The blocks if the type has any; otherwise, null.</param>
/// <param name="Quantize">Converts float32 values to blocks, or null if that is not supported.</param>
internal sealed record GgmlType(uint Number, string Name, ScalarType? Plain, BlockFormat? Blocks, GgmlType.Quantizer? Quantize)
{
    /// <summary>Converts the values of one or more blocks.</summary>
    /// <param name="values">The values: a multiple of a block.</param>
    /// <param name="blocks">Receives the bytes.</param>
    public delegate void Quantizer(ReadOnlySpan<float> values, Span<byte> blocks);
}
