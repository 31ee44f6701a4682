using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>One tensor in a file: its name, type and shape, and where its bytes lie.</summary>
/// <param name="Name">The name in the checkpoint.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its sides; empty for a scalar.</param>
/// <param name="File">The file that holds it.</param>
/// <param name="Offset">Where its first byte lies in the file.</param>
/// <param name="ByteLength">How many bytes it takes there.</param>
public sealed record TensorEntry(string Name, ScalarType Type, ImmutableArray<long> Shape, string File, long Offset, long ByteLength)
{
    /// <summary>How many elements it has; 1 for a scalar.</summary>
    public long ElementCount => Count(Shape);

    /// <summary>
    /// How many elements apart the neighbours of each side lie; default where the tensor is contiguous in row-major order.
    /// PyTorch archives may hold views.
    /// </summary>
    public ImmutableArray<long> Strides { get; init; }

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
