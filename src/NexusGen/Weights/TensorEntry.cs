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
public sealed record TensorEntry(string Name, ScalarType Type, ImmutableArray<long> Shape, string File, long Offset, long ByteLength);
