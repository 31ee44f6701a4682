using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>A copy of the reference's model, to be altered.</summary>
internal sealed class ModelCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelCopy()
    {
        foreach (string file in Directory.GetFiles(LoadedModel.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = _folder[System.IO.Path.GetRelativePath(LoadedModel.Folder, file)];
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Paths = ModelPaths.Find(Path);
    }

    public string Path => _folder.Path;

    public ModelPaths Paths { get; }

    public string this[string name] => _folder[name];

    /// <summary>Writes a weight file again with changes; null leaves a tensor out.</summary>
    /// <param name="from">The file that is read.</param>
    /// <param name="to">The safetensors file that is written.</param>
    /// <param name="change">What becomes of each tensor.</param>
    /// <param name="more">Names of tensors to add, two numbers each.</param>
    public void Rewrite(string from, string to, Func<string, Tensor, Tensor?> change, params IEnumerable<string> more)
    {
        using var scope = NewDisposeScope();
        List<(string, Tensor)> tensors = [];
        using (ITensorStore store = TensorStore.Open(this[from]))
        {
            foreach (TensorEntry entry in store.Entries.Values)
            {
                if (change(entry.Name, store.Read(entry)) is { } value)
                {
                    tensors.Add((entry.Name, value));
                }
            }
        }

        tensors.AddRange(more.Select(name => (name, ones(2))));
        File.Delete(this[to]);
        SafetensorsWriter.Write(this[to], tensors);
    }

    public void Dispose() => _folder.Dispose();
}
