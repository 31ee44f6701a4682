using NexusGen.Training.Distributed;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Training.Checkpoints;

/// <summary>
/// Writes files whose tensors the ranks have in pieces. All ranks write at the same time, each one its own shards: whenever a
/// rank needs the next tensor, so do the others, and all exchange the pieces of one tensor for each rank.
/// </summary>
internal static class TensorAssembly
{
    /// <summary>Writes this rank's shards and helps the others to write theirs.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="tensors">The tensors, the same ones on all ranks.</param>
    /// <param name="write">Writes the shards that <paramref name="rankOf"/> assigns to this rank.</param>
    /// <param name="rankOf">Returns the rank that writes a shard.</param>
    public static void Write(
        ICollectives collectives,
        IReadOnlyList<AssembledTensor> tensors,
        Action<IEnumerable<TensorToWrite>> write,
        Func<int, int> rankOf)
    {
        Dictionary<string, AssembledTensor> byName = tensors.ToDictionary(tensor => tensor.Described.Name);
        List<AssembledTensor>[] queues = [.. Enumerable.Range(0, collectives.Size).Select(_ => new List<AssembledTensor>())];
        foreach ((int shard, IReadOnlyList<TensorToWrite> contents) in
            SafetensorsWriter.Plan(tensors.Select(tensor => tensor.Described)).Index())
        {
            queues[rankOf(shard)].AddRange(
                contents.Select(tensor => byName[tensor.Name]).Where(tensor => tensor.Collect is not null));
        }

        int turn = 0;
        write(tensors.Select(tensor => tensor.Collect is null
            ? tensor.Described
            : tensor.Described with { Make = () => tensor.Finish(Next()!) }));
        for (int last = queues.Max(queue => queue.Count); turn < last;)
        {
            Next()?.Dispose();
        }

        Tensor? Next()
        {
            Tensor? mine = null;
            for (int rank = 0; rank < queues.Length; rank++)
            {
                if (turn < queues[rank].Count && queues[rank][turn].Collect!(rank) is { } assembled)
                {
                    mine = assembled;
                }
            }

            turn++;
            return mine;
        }
    }
}
