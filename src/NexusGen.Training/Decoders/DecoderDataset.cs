using NexusGen.Core;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// The training data of a decoder, as written by <see cref="DecoderDatasetBuilder"/>: safetensors shards with the tensors
/// <c>drawn</c> [samples, embeddings, width], <c>latents</c> [samples, channels, height, width], for the editing decoder
/// <c>source</c>, and if there are masks <c>mask</c> [samples, 1, height, width]. The samples are shuffled in each epoch and read
/// from their files on demand. Thread-safe.
/// </summary>
/// <remarks>The files are memory-mapped, so the system caches as much of them as fits in memory.</remarks>
internal sealed class DecoderDataset : ISampleData<DecoderSample>, IDisposable
{
    /// <summary>The name of the file that describes a folder of prepared data.</summary>
    public const string IndexName = "prepared.json";

    internal const string Targets = "drawn", Source = "source", Latents = "latents", Mask = "mask";

    private readonly List<Shard> _shards = [];
    private readonly ulong _seed;

    /// <summary>Opens prepared data.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="seed">The seed of the sample order.</param>
    /// <param name="editing">Whether the data is for the editing decoder.</param>
    /// <exception cref="NexusGenException">
    /// The folder is not prepared data, contains no samples, or was prepared for the other decoder.
    /// </exception>
    public DecoderDataset(string folder, ulong seed, bool editing)
    {
        _seed = seed;
        DecoderDatasetIndex index = DecoderDatasetIndex.Read(folder);
        try
        {
            foreach (string file in index.Shards)
            {
                _shards.Add(new Shard(TensorStore.Open(Path.Combine(folder, file)), Count));
                Count += _shards[^1].Count;
                if (_shards[^1].HasSource != editing)
                {
                    (string has, string wanted) = editing ? ("generation", "editing") : ("editing", "generation");
                    throw new TrainingException(
                        $"{folder} was prepared for the {has} decoder; use the output of `nexusgen prepare {wanted}`.");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        if (Count == 0)
        {
            throw new TrainingException($"{folder} contains no prepared samples; run nexusgen prepare.");
        }
    }

    /// <summary>Gets the number of samples.</summary>
    public long Count { get; }

    /// <inheritdoc/>
    public DecoderSample this[long place]
    {
        get
        {
            (long epoch, long number) = Math.DivRem(place, Count);
            long record = new Permutation(Count, CounterRandom.Hash(_seed, (ulong)epoch))[number];
            Shard shard = _shards[_shards.FindLastIndex(shard => shard.First <= record)];
            return shard.Read(record - shard.First);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    private sealed class Shard : IDisposable
    {
        private readonly ITensorStore _store;
        private readonly Lazy<Dictionary<string, Tensor?>> _mapped;

        public Shard(ITensorStore store, long first)
        {
            _store = store;
            First = first;
            _mapped = new(() => store.Entries.Values.ToDictionary(
                entry => entry.Name, entry => store.TryMap(entry)?.DetachFromDisposeScope()));
        }

        public long First { get; }

        public long Count => _store.Entries.TryGetValue(Targets, out TensorEntry? entry)
            ? entry.Shape[0]
            : throw new TrainingException($"{_store.Location} has no tensor {Targets}, so it is not prepared data.");

        public bool HasSource => _store.Entries.ContainsKey(Source);

        public DecoderSample Read(long row) => new(Row(Targets, row)!, Row(Source, row), null, Row(Latents, row))
        {
            Mask = Row(Mask, row),
        };

        public void Dispose()
        {
            if (_mapped.IsValueCreated)
            {
                foreach (Tensor? tensor in _mapped.Value.Values)
                {
                    tensor?.Dispose();
                }
            }

            _store.Dispose();
        }

        private Tensor? Row(string name, long row)
        {
            if (!_store.Entries.TryGetValue(name, out TensorEntry? entry))
            {
                return null;
            }

            // A copy, because the sample may outlive the mapped file.
            using var scope = NewDisposeScope();
            Tensor all = _mapped.Value[name] ?? _store.Read(entry);
            return all[row].to(ScalarType.Float32, copy: true).DetachFromDisposeScope();
        }
    }
}
