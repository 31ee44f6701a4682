using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>One reference case: the inputs and, unless they were removed, the results of the official code.</summary>
public sealed class ReferenceCase : IDisposable
{
    private readonly string _folder;
    private readonly ITensorStore? _tensors;

    private ReferenceCase(string root, string folder, JsonObject json, ITensorStore? tensors)
    {
        Root = root;
        _folder = folder;
        _tensors = tensors;
        Description = json;
        Kind = Path.GetFileName(Path.GetDirectoryName(folder)!);
        Name = Path.GetFileName(folder);
        Input = json["input"] as JsonObject ?? [];
        Expected = json["expected"] as JsonObject ?? [];
        Model = json["model"]?.GetValue<string>();
        Tolerance = json["tolerance"] is { } tolerance
            ? Tolerance.Read(JsonSerializer.SerializeToElement(tolerance))
            : Tolerance.Exact;
    }

    /// <summary>Gets the content of <c>case.json</c>.</summary>
    internal JsonObject Description { get; }

    /// <summary>Gets the folder with the cases, models and images.</summary>
    public string Root { get; }

    /// <summary>Gets the kind of the case: the name of its parent folder.</summary>
    public string Kind { get; }

    /// <summary>Gets the name of the case within its kind.</summary>
    public string Name { get; }

    /// <summary>Gets the plain input values.</summary>
    public JsonObject Input { get; }

    /// <summary>Gets the expected plain values, for an image the name of its file. Empty if they were removed.</summary>
    public JsonObject Expected { get; }

    /// <summary>Gets the folder of the model, relative to <see cref="Root"/>, or null if the case needs none.</summary>
    public string? Model { get; }

    /// <summary>Gets the tolerance of the results.</summary>
    public Tolerance Tolerance { get; }

    /// <summary>Gets the names of the expected tensors, without their prefix.</summary>
    public IEnumerable<string> ExpectedTensors => Names(CaseFiles.ExpectedPrefix);

    /// <summary>Opens a case.</summary>
    /// <param name="root">The folder with the cases, models and images.</param>
    /// <param name="folder">The folder of the case.</param>
    /// <exception cref="NexusGenException">The case can't be read.</exception>
    public static ReferenceCase Open(string root, string folder)
    {
        string file = Path.Combine(folder, CaseFiles.Description);
        try
        {
            JsonObject json = JsonNode.Parse(TextFile.Read(file)) as JsonObject
                ?? throw new NexusGenException($"{file} is not a JSON object.");
            string tensors = Path.Combine(folder, CaseFiles.Tensors);
            return new ReferenceCase(root, folder, json, File.Exists(tensors) ? TensorStore.Open(tensors) : null);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new NexusGenException($"{file} can't be read as a case: {e.Message}", e);
        }
    }

    /// <summary>Returns whether the case has an input tensor.</summary>
    /// <param name="name">The name of the tensor, without its prefix.</param>
    public bool HasTensor(string name) => _tensors?.Entries.ContainsKey(CaseFiles.InputPrefix + name) == true;

    /// <summary>Reads an input tensor.</summary>
    /// <param name="name">The name of the tensor, without its prefix.</param>
    /// <exception cref="NexusGenException">The case has no such tensor.</exception>
    public Tensor Tensor(string name) => Read(CaseFiles.InputPrefix + name);

    /// <summary>Reads an expected tensor.</summary>
    /// <param name="name">The name of the tensor, without its prefix.</param>
    /// <exception cref="NexusGenException">The case has no such tensor.</exception>
    public Tensor ExpectedTensor(string name) => Read(CaseFiles.ExpectedPrefix + name);

    /// <summary>Reads an image.</summary>
    /// <param name="file">The name of a file in the folder of the case, or its path relative to <see cref="Root"/>.</param>
    public RgbImage Image(string file)
    {
        string own = Path.Combine(_folder, file);
        return ImageFile.Read(File.Exists(own) ? own : Path.Combine(Root, file));
    }

    /// <summary>Reads an input value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="name">The name of the value.</param>
    /// <exception cref="NexusGenException">The case has no such value.</exception>
    public T Value<T>(string name) =>
        Input[name] is { } node ? node.Deserialize<T>()! : throw new NexusGenException($"{Kind}/{Name} has no input {name}.");

    /// <summary>Reads an input value, or returns a default if the case does not have it.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="name">The name of the value.</param>
    /// <param name="otherwise">The default.</param>
    public T Value<T>(string name, T otherwise) => Input[name] is { } node ? node.Deserialize<T>()! : otherwise;

    /// <summary>Gets the path of a file or folder in the folder of the case.</summary>
    /// <param name="file">Its name.</param>
    internal string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Opens another case of the same kind.</summary>
    /// <param name="name">The name of the case.</param>
    /// <exception cref="NexusGenException">The case can't be read.</exception>
    internal ReferenceCase Sibling(string name) => Open(Root, Path.Combine(Path.GetDirectoryName(_folder)!, name));

    /// <inheritdoc/>
    public void Dispose() => _tensors?.Dispose();

    private IEnumerable<string> Names(string prefix) =>
        (_tensors?.Entries.Keys ?? [])
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..]);

    private Tensor Read(string name) =>
        _tensors?.Entries.TryGetValue(name, out TensorEntry? entry) == true
            ? _tensors.Read(entry)
            : throw new NexusGenException($"{Kind}/{Name} has no tensor {name}.");
}
