using System.Collections.Immutable;
using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Safetensors;

/// <summary>
/// A tensor to be written: described in advance, created when it is written, so that a checkpoint can be larger than memory.
/// </summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">The type in the file, to which the tensor is converted.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Make">Creates the tensor, which the writer disposes after writing it.</param>
internal sealed record TensorToWrite(string Name, ScalarType Type, ImmutableArray<long> Shape, Func<Tensor> Make)
{
    /// <summary>Describes an existing tensor. The caller keeps ownership.</summary>
    /// <param name="name">The name in the file.</param>
    /// <param name="value">The tensor.</param>
    /// <param name="type">The type in the file, or null for that of the tensor.</param>
    public static TensorToWrite Of(string name, Tensor value, ScalarType? type = null) =>
        new(name, type ?? value.dtype, [.. value.shape], value.alias);

    /// <summary>Describes a tensor that is stored in other files.</summary>
    /// <param name="store">The files, which must stay open until the tensor is written.</param>
    /// <param name="entry">One of their entries.</param>
    /// <param name="type">The type in the new file, or null for the stored one.</param>
    public static TensorToWrite Of(ITensorStore store, TensorEntry entry, ScalarType? type = null) =>
        new(entry.Name, type ?? entry.Type, entry.Shape, () => store.Read(entry, type));
}
