using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>
/// A decoder's training data as <see cref="Preparation"/> writes it: shards of safetensors with the tensors <c>drawn</c>
/// [samples, embeddings, width], <c>latents</c> [samples, channels, height, width] and, for edits, <c>source</c>. The samples of
/// an epoch come in a random order. Safe to use from several threads.
/// </summary>
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
    /// <exception cref="NexusGenException">It is no such folder, or holds no samples.</exception>
    public PreparedData(string folder, ulong seed)
    {
        _seed = seed;
        PreparedIndex index = PreparedIndex.Read(folder);
        try
        {
            foreach (string file in index.Shards)
            {
                _shards.Add(new Shard(TensorStore.Open(Path.Combine(folder, file)), Count));
                Count += _shards[^1].Count;
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

    private sealed class Shard(ITensorStore store, long first) : IDisposable
    {
        private readonly Lazy<Dictionary<string, Tensor>> _tensors = new(() => store.Entries.Values.ToDictionary(
            entry => entry.Name, entry => store.Read(entry).DetachFromDisposeScope()));

        public long First => first;

        public long Count => store.Entries.TryGetValue(Drawn, out TensorEntry? entry)
            ? entry.Shape[0]
            : throw new TrainingException($"{store.Location} has no tensor {Drawn}: it is not prepared data.");

        public DecoderSample Read(long row)
        {
            Tensor? Row(string name)
            {
                using var scope = NewDisposeScope();
                return _tensors.Value.TryGetValue(name, out Tensor? tensor) ? tensor[row].to(ScalarType.Float32).DetachFromDisposeScope() : null;
            }

            return new DecoderSample(Row(Drawn)!, Row(Source), null, Row(Latents));
        }

        public void Dispose()
        {
            if (_tensors.IsValueCreated)
            {
                foreach (Tensor tensor in _tensors.Value.Values)
                {
                    tensor.Dispose();
                }
            }

            store.Dispose();
        }
    }
}
