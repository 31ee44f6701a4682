using static TorchSharp.torch;

namespace NexusGen.Weights.Stores;

/// <summary>
/// A store whose tensors come from several stores, under new names. Some tensors are joined from several ones that another
/// program stores apart.
/// </summary>
internal sealed class CompositeStore : ITensorStore
{
    private readonly IReadOnlyList<ITensorStore> _stores;
    private readonly OrderedDictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<TensorEntry, ITensorStore> _single = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TensorEntry, (StorePart[] Parts, int Dimension, bool Stack)> _joined =
        new(ReferenceEqualityComparer.Instance);

    /// <summary>Initializes a store without tensors.</summary>
    /// <param name="location">The file or folder, for messages.</param>
    /// <param name="stores">The stores, which this one takes ownership of.</param>
    public CompositeStore(string location, IReadOnlyList<ITensorStore> stores)
    {
        Location = location;
        _stores = stores;
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata => _stores[0].Metadata;

    /// <summary>Adds a tensor unless there is one of the same name.</summary>
    /// <param name="name">The new name.</param>
    /// <param name="part">The tensor.</param>
    public void Add(string name, StorePart part)
    {
        if (_entries.TryAdd(name, part.Entry))
        {
            _single[part.Entry] = part.Store;
        }
    }

    /// <summary>Adds a tensor that is joined from several ones of equal size in all other dimensions.</summary>
    /// <param name="name">The new name.</param>
    /// <param name="parts">The tensors in their order.</param>
    /// <param name="dimension">The dimension along which they are joined.</param>
    /// <param name="stack">Whether the dimension is a new one.</param>
    public void AddJoined(string name, StorePart[] parts, int dimension, bool stack)
    {
        TensorEntry first = parts[0].Entry;
        long sum = stack ? parts.Length : parts.Sum(part => part.Entry.Shape[dimension]);
        var entry = new TensorEntry(
            name,
            parts.All(part => part.Entry.Type == first.Type) ? first.Type : ScalarType.Float32,
            stack ? first.Shape.Insert(dimension, sum) : first.Shape.SetItem(dimension, sum),
            first.File,
            first.Offset,
            parts.Sum(part => part.Entry.ByteLength));
        if (_entries.TryAdd(name, entry))
        {
            _joined[entry] = (parts, dimension, stack);
        }
    }

    /// <inheritdoc/>
    public Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null)
    {
        if (!_joined.TryGetValue(entry, out var joined))
        {
            return _single[entry].Read(entry, type, device);
        }

        Tensor result = empty(entry.Shape.AsSpan(), type ?? entry.Type, device ?? CPU);
        try
        {
            long start = 0;
            foreach (StorePart part in joined.Parts)
            {
                using Tensor value = part.Store.Read(part.Entry, type ?? entry.Type, device);
                long length = joined.Stack ? 1 : value.shape[joined.Dimension];
                using Tensor target = joined.Stack
                    ? result.select(joined.Dimension, start)
                    : result.narrow(joined.Dimension, start, length);
                target.copy_(value);
                start += length;
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor? TryMap(TensorEntry entry) => _single.TryGetValue(entry, out ITensorStore? store) ? store.TryMap(entry) : null;

    /// <inheritdoc/>
    public PackedEntry? FindPacked(TensorEntry entry) =>
        _single.TryGetValue(entry, out ITensorStore? store) ? store.FindPacked(entry) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ITensorStore store in _stores)
        {
            store.Dispose();
        }
    }
}
