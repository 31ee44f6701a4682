using NexusGen.Training.Checkpoints;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training.Distributed;

/// <summary>All tensors of the last checkpoint of a training: weights, averages and optimizer.</summary>
internal sealed class CheckpointTensors : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [.. _tensors.Keys];

    public Tensor this[string name] => _tensors[name];

    public static CheckpointTensors Of(string folder)
    {
        var all = new CheckpointTensors();
        string checkpoint = TrainingCheckpoint.Latest(folder)!;
        foreach (string file in Directory.GetFiles(checkpoint, "*.safetensors", SearchOption.AllDirectories))
        {
            using ITensorStore store = TensorStore.Open(file);
            string part = Path.GetRelativePath(checkpoint, file).StartsWith("optimizer", StringComparison.Ordinal)
                ? ""
                : Path.GetRelativePath(checkpoint, file) + ":";
            foreach (TensorEntry entry in store.Entries.Values)
            {
                all._tensors.Add(part + entry.Name, store.Read(entry).DetachFromDisposeScope());
            }
        }

        return all;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
