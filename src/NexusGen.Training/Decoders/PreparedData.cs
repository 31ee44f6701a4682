using NexusGen.Core;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// A decoder's training data as <see cref="Preparation"/> writes it: shards of safetensors with the tensors <c>drawn</c>
/// [samples, embeddings, width], <c>latents</c> [samples, channels, height, width] and, for edits, <c>source</c>. The samples of
/// an epoch come in a random order, each read from its file when its turn comes. Safe to use from several threads.
/// </summary>
/// <remarks>The files are mapped, so that the system keeps of them what there is room for.</remarks>
public sealed class PreparedData : ISampleData<DecoderSample>, IDisposable
{
    /// <summary>The name of the file that describes a folder of prepared data.</summary>
    public const string IndexName = "prepared.json";

    internal const string Drawn = "drawn", Source = "source", Latents = "latents";

    private readonly List<Shard> _shards = [];
    private readonly ulong _seed;

    /// <summary>Opens prepared data.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="seed">Decides the order.</param>
    /// <param name="editing">Whether it is for the editing decoder.</param>
    /// <exception cref="NexusGenException">It is no such folder, holds no samples, or was prepared for the other decoder.</exception>
    public PreparedData(string folder, ulong seed, bool editing)
    {
        _seed = seed;
        PreparedIndex index = PreparedIndex.Read(folder);
        try
        {
            foreach (string file in index.Shards)
            {
                _shards.Add(new Shard(TensorStore.Open(Path.Combine(folder, file)), Count));
                Count += _shards[^1].Count;
                if (_shards[^1].HasSource != editing)
                {
                    (string has, string wanted) = editing ? ("generation", "editing") : ("editing", "generation");
                    throw new TrainingException($"{folder} was prepared for the {has} decoder: name what `nexusgen prepare {wanted}` wrote.");
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
            throw new TrainingException($"{folder} holds no prepared samples: run nexusgen prepare.");
        }
    }

    /// <summary>How many samples there are.</summary>
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
            _mapped = new(() => store.Entries.Values.ToDictionary(entry => entry.Name, entry => store.TryMap(entry)?.DetachFromDisposeScope()));
        }

        public long First { get; }

        public long Count => _store.Entries.TryGetValue(Drawn, out TensorEntry? entry)
            ? entry.Shape[0]
            : throw new TrainingException($"{_store.Location} has no tensor {Drawn}: it is not prepared data.");

        public bool HasSource => _store.Entries.ContainsKey(Source);

        public DecoderSample Read(long row) => new(Row(Drawn, row)!, Row(Source, row), null, Row(Latents, row));

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

            // A copy: the file may be closed before the sample is.
            using var scope = NewDisposeScope();
            Tensor all = _mapped.Value[name] ?? _store.Read(entry);
            return all[row].to(ScalarType.Float32, copy: true).DetachFromDisposeScope();
        }
    }
}
