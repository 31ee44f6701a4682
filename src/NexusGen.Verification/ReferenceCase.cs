using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>One reference case: what is put in and, unless it was removed, what the official code gives.</summary>
public sealed class ReferenceCase : IDisposable
{
    private readonly string _folder;
    private readonly ITensorStore? _tensors;

    private ReferenceCase(string root, string folder, JsonObject json, ITensorStore? tensors)
    {
        Root = root;
        _folder = folder;
        _tensors = tensors;
        Kind = Path.GetFileName(Path.GetDirectoryName(folder)!);
        Name = Path.GetFileName(folder);
        Input = json["input"] as JsonObject ?? [];
        Expected = json["expected"] as JsonObject ?? [];
        Model = json["model"]?.GetValue<string>();
        Tolerance = json["tolerance"] is { } tolerance ? Tolerance.Read(JsonSerializer.SerializeToElement(tolerance)) : Tolerance.Exact;
    }

    /// <summary>The folder that holds cases, models and pictures.</summary>
    public string Root { get; }

    /// <summary>What is tested: the name of the folder above.</summary>
    public string Kind { get; }

    /// <summary>The name within its kind.</summary>
    public string Name { get; }

    /// <summary>The plain values put in.</summary>
    public JsonObject Input { get; }

    /// <summary>The plain values expected; the name of a file where it is a picture. Empty where they were removed.</summary>
    public JsonObject Expected { get; }

    /// <summary>The folder of the model, relative to <see cref="Root"/>; null where the case needs none.</summary>
    public string? Model { get; }

    /// <summary>How far results may be from what is expected.</summary>
    public Tolerance Tolerance { get; }

    /// <summary>The names of the expected tensors, without their prefix.</summary>
    public IEnumerable<string> ExpectedTensors => Names(CaseFiles.ExpectedPrefix);

    /// <summary>Opens a case.</summary>
    /// <param name="root">The folder that holds cases, models and pictures.</param>
    /// <param name="folder">The case's own folder.</param>
    /// <exception cref="NexusGenException">It can't be read.</exception>
    public static ReferenceCase Open(string root, string folder)
    {
        string file = Path.Combine(folder, CaseFiles.Description);
        try
        {
            JsonObject json = JsonNode.Parse(File.ReadAllText(file)) as JsonObject
                ?? throw new NexusGenException($"{file} is not a JSON object.");
            string tensors = Path.Combine(folder, CaseFiles.Tensors);
            return new ReferenceCase(root, folder, json, File.Exists(tensors) ? TensorStore.Open(tensors) : null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new NexusGenException($"{file} can't be read as a case: {e.Message}", e);
        }
    }

    /// <summary>Whether a tensor is put in.</summary>
    /// <param name="name">Its name, without its prefix.</param>
    public bool HasTensor(string name) => _tensors?.Entries.ContainsKey(CaseFiles.InputPrefix + name) == true;

    /// <summary>A tensor that is put in.</summary>
    /// <param name="name">Its name, without its prefix.</param>
    /// <exception cref="NexusGenException">The case has none of that name.</exception>
    public Tensor Tensor(string name) => Read(CaseFiles.InputPrefix + name);

    /// <summary>An expected tensor.</summary>
    /// <param name="name">Its name, without its prefix.</param>
    /// <exception cref="NexusGenException">The case has none of that name.</exception>
    public Tensor ExpectedTensor(string name) => Read(CaseFiles.ExpectedPrefix + name);

    /// <summary>A picture, named relative to the root, or standing in the case's own folder.</summary>
    /// <param name="file">Its name.</param>
    public RgbImage Picture(string file)
    {
        string own = Path.Combine(_folder, file);
        return ImageFile.Read(File.Exists(own) ? own : Path.Combine(Root, file));
    }

    /// <summary>A value that is put in.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <exception cref="NexusGenException">The case has none of that name.</exception>
    public T Value<T>(string name) =>
        Input[name] is { } node ? node.Deserialize<T>()! : throw new NexusGenException($"{Kind}/{Name} has no input {name}.");

    /// <summary>A value that is put in, or another where it is missing.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The other value.</param>
    public T Value<T>(string name, T otherwise) => Input[name] is { } node ? node.Deserialize<T>()! : otherwise;

    /// <inheritdoc/>
    public void Dispose() => _tensors?.Dispose();

    private IEnumerable<string> Names(string prefix) =>
        (_tensors?.Entries.Keys ?? []).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]);

    private Tensor Read(string name) =>
        _tensors?.Entries.TryGetValue(name, out TensorEntry? entry) == true
            ? _tensors.Read(entry)
            : throw new NexusGenException($"{Kind}/{Name} has no tensor {name}.");
}
