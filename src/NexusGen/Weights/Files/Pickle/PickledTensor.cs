using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>A tensor in a pickle, before it has a name.</summary>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its sides.</param>
/// <param name="Strides">Its strides; default where it is contiguous.</param>
/// <param name="Offset">Where its first byte lies in the archive.</param>
/// <param name="ByteLength">How many bytes it spans.</param>
internal sealed record PickledTensor(
    ScalarType Type, ImmutableArray<long> Shape, ImmutableArray<long> Strides, long Offset, long ByteLength);
