using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>A tensor of a conversion.</summary>
/// <param name="Name">The name in the new file.</param>
/// <param name="Shape">The shape in the new file.</param>
/// <param name="Encoding">How it is stored in the new file.</param>
/// <param name="Before">The name of the type that it is stored in now.</param>
/// <param name="BytesBefore">The number of bytes that it takes now.</param>
/// <param name="Wide">Why it stays wide, or null if it does not.</param>
/// <param name="Open">Opens the values on the CPU; the caller disposes them.</param>
internal sealed record PlannedTensor(
    string Name,
    ImmutableArray<long> Shape,
    TensorEncoding Encoding,
    string Before,
    long BytesBefore,
    string? Wide,
    Func<Tensor> Open)
{
    /// <summary>Gets the number of bytes in the new file.</summary>
    public long ByteLength => Encoding.ByteLength(Shape);
}
