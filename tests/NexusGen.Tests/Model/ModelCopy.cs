using System.Text.Json.Nodes;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Model;

/// <summary>A modifiable copy of the reference model.</summary>
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

    /// <summary>Makes the model's images small if no size is given, with two denoising steps.</summary>
    public void MakeImagesSmall()
    {
        const string name = "nexus-gen.json";
        JsonObject sizes = JsonNode.Parse(File.ReadAllText(this[name]))!.AsObject();
        sizes["defaults"] = JsonNode.Parse(
            """{ "generate": { "steps": 2, "width": 64, "height": 64 }, "edit": { "steps": 2, "width": 64, "height": 64 } }""");
        File.WriteAllText(this[name], sizes.ToJsonString());
    }

    /// <summary>Rewrites a weight file with changes.</summary>
    /// <param name="from">The file to read.</param>
    /// <param name="to">The safetensors file to write.</param>
    /// <param name="change">Returns the new value of each tensor, or null to omit it.</param>
    /// <param name="more">The names of tensors to add, with two values each.</param>
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
