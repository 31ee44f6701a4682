using NexusGen.Weights.Files;
using static TorchSharp.torch;

namespace NexusGen.Weights.Stores;

/// <summary>
/// A store whose tensors are found under other names than those in its files. The entries keep the names of the files, for
/// messages.
/// </summary>
internal sealed class RenamedStore : ITensorStore
{
    private readonly ITensorStore _inner;

    private RenamedStore(ITensorStore inner, OrderedDictionary<string, TensorEntry> entries)
    {
        _inner = inner;
        Entries = entries;
    }

    /// <inheritdoc/>
    public string Location => _inner.Location;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata => _inner.Metadata;

    /// <summary>Renames the tensors of a store.</summary>
    /// <param name="store">The store. The result takes ownership; on failure, the store is disposed.</param>
    /// <param name="rename">Returns the new name of a tensor.</param>
    /// <returns>The renamed store, or the store itself if no name changes.</returns>
    /// <exception cref="WeightFileException">Two tensors have the same new name.</exception>
    public static ITensorStore Of(ITensorStore store, Func<string, string> rename)
    {
        OrderedDictionary<string, TensorEntry> entries = new(StringComparer.Ordinal);
        bool changed = false;
        foreach ((string name, TensorEntry entry) in store.Entries)
        {
            string renamed = rename(name);
            changed |= renamed != name;
            if (!entries.TryAdd(renamed, entry))
            {
                string location = store.Location;
                store.Dispose();
                throw new WeightFileException(
                    $"{location} contains the tensor {renamed} twice, as {entries[renamed].Name} and as {entry.Name}; "
                    + "remove one of them.");
            }
        }

        return changed ? new RenamedStore(store, entries) : store;
    }

    /// <inheritdoc/>
    public Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null) => _inner.Read(entry, type, device);

    /// <inheritdoc/>
    public Tensor? TryMap(TensorEntry entry) => _inner.TryMap(entry);

    /// <inheritdoc/>
    public PackedEntry? FindPacked(TensorEntry entry) => _inner.FindPacked(entry);

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();
}
