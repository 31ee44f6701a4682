using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>Named tensors stored in files; read-only and safe to use from several threads.</summary>
public interface ITensorStore : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Location { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>Reads one tensor into memory of its own.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="type">The type to convert to; the stored one where null.</param>
    /// <param name="device">The device to put it on; the CPU where null.</param>
    /// <returns>A tensor that the caller owns.</returns>
    Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null);

    /// <summary>A tensor over the mapped file, without a copy. It must not outlive the store.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <returns>The tensor, or null where it can't be mapped (not contiguous, not aligned).</returns>
    Tensor? TryMap(TensorEntry entry);
}
