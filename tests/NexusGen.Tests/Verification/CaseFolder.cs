using System.Text.Json.Nodes;
using NexusGen.Training.Verification;
using NexusGen.Verification;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Verification;

/// <summary>
/// A folder with copies of some reference cases that tests can change; models and images are those of the reference.
/// </summary>
internal sealed class CaseFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CaseFolder(params ReadOnlySpan<string> cases)
    {
        foreach (string shared in (string[])["models", "images", "tokenizers", "example-dataset"])
        {
            Directory.CreateSymbolicLink(_folder[shared], System.IO.Path.Combine(ReferenceFolder.Path, shared));
        }

        foreach (string name in cases)
        {
            Directory.CreateDirectory(this[name]);
            foreach (string file in Directory.GetFiles(System.IO.Path.Combine(ReferenceFolder.Path, "cases", name)))
            {
                File.Copy(file, System.IO.Path.Combine(this[name], System.IO.Path.GetFileName(file)));
            }
        }
    }

    public string Path => _folder.Path;

    /// <summary>Gets the folder of a case, KIND/NAME.</summary>
    public string this[string name] => System.IO.Path.Combine(_folder.Path, "cases", name);

    /// <summary>Changes the description of a case.</summary>
    public CaseFolder Json(string name, Action<JsonObject> change)
    {
        string file = System.IO.Path.Combine(this[name], "case.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(json);
        File.WriteAllText(file, json.ToJsonString());
        return this;
    }

    /// <summary>Changes the tensors of a case; null removes a tensor.</summary>
    public CaseFolder Tensors(string name, Func<string, Tensor, Tensor?> change)
    {
        using var scope = NewDisposeScope();
        string file = System.IO.Path.Combine(this[name], "tensors.safetensors");
        List<(string, Tensor)> changed = [];
        using (ITensorStore store = TensorStore.Open(file))
        {
            foreach (TensorEntry entry in store.Entries.Values)
            {
                if (change(entry.Name, store.Read(entry)) is { } value)
                {
                    changed.Add((entry.Name, value));
                }
            }
        }

        File.Delete(file);
        if (changed.Count > 0)
        {
            SafetensorsWriter.Write(file, changed);
        }

        return this;
    }

    /// <summary>Removes all expected results of a case.</summary>
    public CaseFolder WithoutExpectations(string name)
    {
        Json(name, json => json.Remove("expected"));
        if (File.Exists(System.IO.Path.Combine(this[name], "tensors.safetensors")))
        {
            Tensors(name, (tensor, value) => tensor.StartsWith("expected.", StringComparison.Ordinal) ? null : value);
        }

        foreach (string picture in Directory.GetFiles(this[name], "expected.*"))
        {
            File.Delete(picture);
        }

        return this;
    }

    public IReadOnlyList<CaseResult> Verify(string? writeTo = null) =>
        [
            .. new Verifier(new VerifierOptions { Kinds = [CaseKinds.Inference, TrainingCaseKinds.All], WriteTo = writeTo })
                .Verify(Path)
        ];

    // Deletes the links, not their targets.
    public void Dispose() => _folder.Dispose();
}
