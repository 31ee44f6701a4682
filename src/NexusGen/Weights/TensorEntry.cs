using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>A tensor in a file: its name, type, shape and the location of its bytes.</summary>
/// <param name="Name">The name in the checkpoint.</param>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The shape; empty for a scalar.</param>
/// <param name="File">The path of the file that contains it.</param>
/// <param name="Offset">The offset of the first byte in the file.</param>
/// <param name="ByteLength">The number of bytes in the file.</param>
internal sealed record TensorEntry(
    string Name,
    ScalarType Type,
    ImmutableArray<long> Shape,
    string File,
    long Offset,
    long ByteLength)
{
    /// <summary>Gets the number of elements; 1 for a scalar.</summary>
    public long ElementCount => Count(Shape);

    /// <summary>
    /// Gets the strides in elements; default if the tensor is contiguous in row-major order. PyTorch archives may contain views.
    /// </summary>
    public ImmutableArray<long> Strides { get; init; }

    /// <summary>
    /// Gets the format of the stored blocks, or null if the elements are plain numbers. The type of a tensor with blocks is
    /// float32, to which reading widens it.
    /// </summary>
    public BlockFormat? Blocks { get; init; }

    private static long Count(ImmutableArray<long> shape)
    {
        long count = 1;
        foreach (long side in shape)
        {
            count = checked(count * side);
        }

        return count;
    }
}
