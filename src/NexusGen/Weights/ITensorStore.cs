using System.Collections.Immutable;
using NexusGen.Weights.Files;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>Named tensors that are stored in files. Read-only and safe to use from several threads.</summary>
internal interface ITensorStore : IDisposable
{
    /// <summary>Gets the file or folder, for messages.</summary>
    string Location { get; }

    /// <summary>Gets the tensors by name, enumerated in the order of the files.</summary>
    IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>Gets the metadata of the files (the <c>__metadata__</c> of safetensors); empty if they have none.</summary>
    IReadOnlyDictionary<string, string> Metadata => ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Reads one tensor into new memory. The bytes are read straight into the tensor, or chunk by chunk if they are converted or
    /// moved to another device, so that there is never a second full copy. Only strided views are copied from a temporary buffer.
    /// </summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="type">The type to convert to, or null for the stored one.</param>
    /// <param name="device">The device of the tensor, or null for the CPU.</param>
    /// <returns>A tensor that the caller owns.</returns>
    /// <exception cref="WeightFileException">The file can't be read, or was truncated after it was opened.</exception>
    Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null);

    /// <summary>
    /// Returns a tensor on the CPU over the memory-mapped file, without a copy. It is read-only: writing to it ends the process,
    /// and so does truncating the file while it is mapped (replacing the file by renaming is harmless). The mapping lives as long
    /// as the store or any such tensor or view of one.
    /// </summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <returns>
    /// The tensor, which the caller owns, or null if it can't be mapped: the tensor is empty, not contiguous, not aligned to its
    /// element size, or of booleans, whose bytes must be checked, or the file can't be mapped.
    /// </returns>
    Tensor? TryMap(TensorEntry entry);

    /// <summary>
    /// Finds the stored form of a matrix whose values reading computes: blocks, or signed bytes with a scale for each row.
    /// </summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <returns>The parts, or null if the matrix is stored as plain numbers or in a form that is always widened.</returns>
    PackedEntry? FindPacked(TensorEntry entry) => null;
}
