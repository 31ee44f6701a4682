using System.Collections.Immutable;
using NexusGen.Weights.Files;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>Named tensors stored in files; read-only and safe to use from several threads.</summary>
public interface ITensorStore : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Location { get; }

    /// <summary>The tensors by name; enumerated in the order of the files.</summary>
    IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>What the files say about themselves (the <c>__metadata__</c> of safetensors); empty where they say nothing.</summary>
    IReadOnlyDictionary<string, string> Metadata => ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Reads one tensor into memory of its own: the bytes go straight into place, or chunk by chunk where they are converted
    /// or moved to another device, so that there is never a second full copy.
    /// </summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="type">The type to convert to; the stored one where null.</param>
    /// <param name="device">The device to put it on; the CPU where null.</param>
    /// <returns>A tensor that the caller owns.</returns>
    /// <exception cref="WeightFileException">The file can't be read, or was cut after it was opened.</exception>
    Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null);

    /// <summary>
    /// A tensor on the CPU over the mapped file, without a copy. It is read-only: writing to it ends the process, and so does
    /// cutting the file while it is mapped (replacing the file by renaming is harmless). The mapping lives as long as the store
    /// or any such tensor or view of one does.
    /// </summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <returns>
    /// The tensor, which the caller owns, or null where it can't be mapped: it is empty, not contiguous, not aligned to its
    /// element size, or of booleans, whose bytes must be checked.
    /// </returns>
    Tensor? TryMap(TensorEntry entry);
}
