using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Safetensors;

/// <summary>
/// A tensor that is to be written: described at once, made when its turn comes, so that a checkpoint larger than the memory
/// can be written.
/// </summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">The type in the file; the tensor is converted to it on the way.</param>
/// <param name="Shape">The sides.</param>
/// <param name="Make">Makes the tensor, which the writer disposes after it is written.</param>
public sealed record TensorToWrite(string Name, ScalarType Type, ImmutableArray<long> Shape, Func<Tensor> Make)
{
    /// <summary>A tensor that exists already. It stays the caller's.</summary>
    /// <param name="name">The name in the file.</param>
    /// <param name="value">The tensor.</param>
    /// <param name="type">The type in the file; the tensor's own where null.</param>
    public static TensorToWrite Of(string name, Tensor value, ScalarType? type = null) =>
        new(name, type ?? value.dtype, [.. value.shape], value.alias);

    /// <summary>A tensor of other files.</summary>
    /// <param name="store">The files, open until it is written.</param>
    /// <param name="entry">One of their entries.</param>
    /// <param name="type">The type in the new file; the stored one where null.</param>
    public static TensorToWrite Of(ITensorStore store, TensorEntry entry, ScalarType? type = null) =>
        new(entry.Name, type ?? entry.Type, entry.Shape, () => store.Read(entry, type));
}
