using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// A store in which weights that are stored as small numbers with scales (fp8 and int8 of ComfyUI, bitsandbytes, AWQ, GPTQ) look
/// like ordinary float32 tensors. Their parts, and what belongs to activations, are not among the entries.
/// </summary>
internal sealed class ScaledStore : ITensorStore
{
    private readonly ITensorStore _inner;
    private readonly Dictionary<TensorEntry, ScaledTensor> _weights = new(ReferenceEqualityComparer.Instance);

    private ScaledStore(ITensorStore inner, ScaledWeights found)
    {
        _inner = inner;
        OrderedDictionary<string, TensorEntry> entries = new(StringComparer.Ordinal);
        foreach ((string name, TensorEntry entry) in inner.Entries)
        {
            if (found.Weights.TryGetValue(name, out ScaledTensor? weight))
            {
                if (!entries.TryAdd(weight.Entry.Name, weight.Entry))
                {
                    throw new WeightFileException($"{inner.Location} contains the tensor {weight.Entry.Name} twice.");
                }

                _weights.Add(weight.Entry, weight);
            }
            else if (!found.Parts.Contains(name) && !entries.TryAdd(name, entry))
            {
                throw new WeightFileException($"{inner.Location} contains the tensor {name} twice.");
            }
        }

        Entries = entries;
    }

    /// <inheritdoc/>
    public string Location => _inner.Location;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata => _inner.Metadata;

    /// <summary>Finds the quantized weights of a store.</summary>
    /// <param name="store">The store. The result takes ownership; on failure, the store is disposed.</param>
    /// <returns>The store with widened weights, or the store itself if it has no quantized ones.</returns>
    /// <exception cref="WeightFileException">
    /// The weights are stored in a form that is not read, or their parts don't fit each other.
    /// </exception>
    public static ITensorStore Of(ITensorStore store)
    {
        try
        {
            var found = ScaledWeights.Find(store);
            return found.Weights.Count + found.Parts.Count == 0 ? store : new ScaledStore(store, found);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null) =>
        _weights.TryGetValue(entry, out ScaledTensor? weight)
            ? weight.Read(_inner, type ?? entry.Type, device ?? CPU)
            : _inner.Read(entry, type, device);

    /// <inheritdoc/>
    public Tensor? TryMap(TensorEntry entry) => _weights.ContainsKey(entry) ? null : _inner.TryMap(entry);

    /// <inheritdoc/>
    public PackedEntry? FindPacked(TensorEntry entry) =>
        _weights.TryGetValue(entry, out ScaledTensor? weight) ? weight.Packed(_inner) : _inner.FindPacked(entry);

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();
}
