using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>A tensor in a pickle, before it has a name.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Strides">The strides in elements; default if the tensor is contiguous.</param>
/// <param name="Offset">The offset of the first byte in the archive.</param>
/// <param name="ByteLength">The number of bytes that the tensor spans.</param>
internal sealed record PickledTensor(
    ScalarType Type, ImmutableArray<long> Shape, ImmutableArray<long> Strides, long Offset, long ByteLength);
