using NexusGen.Core;
using NexusGen.Weights;
using NexusGen.Weights.Stores;

namespace NexusGen.Lora;

/// <summary>
/// A LoRA file, or the folder of a PEFT adapter: its tensors grouped by module, and its configuration. Opening it reads only
/// headers.
/// </summary>
internal sealed class LoraFile : IDisposable
{
    /// <summary>The name of the configuration of a PEFT adapter.</summary>
    public const string ConfigurationName = "adapter_config.json";

    private const string WeightsName = "adapter_model", MetadataName = "lora_adapter_metadata";

    private LoraFile(string location, ITensorStore store, LoraConfiguration? configuration, IReadOnlyList<LoraModule> modules) =>
        (Location, Store, Configuration, Modules) = (location, store, configuration, modules);

    /// <summary>Gets the path, for messages.</summary>
    public string Location { get; }

    /// <summary>Gets the tensors.</summary>
    public ITensorStore Store { get; }

    /// <summary>Gets the configuration of PEFT or diffusers, or null if there is none.</summary>
    public LoraConfiguration? Configuration { get; }

    /// <summary>Gets the modules, in the order of the file, without those of text encoders.</summary>
    public IReadOnlyList<LoraModule> Modules { get; }

    /// <summary>Opens a file or a folder.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="NexusGenException">
    /// It does not exist or can't be read, or a tensor is not part of a LoRA; the message names it.
    /// </exception>
    public static LoraFile Open(string path)
    {
        (string weights, string? configuration) = Find(path);
        LoraConfiguration? read = configuration is null ? null : LoraConfiguration.Read(configuration);
        ITensorStore store = TensorStore.Open(weights);
        try
        {
            if (read is null && store.Metadata.TryGetValue(MetadataName, out string? metadata))
            {
                read = LoraConfiguration.OfMetadata(weights, metadata);
            }

            return new LoraFile(path, store, read, Group(path, store));
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a file changes the language model or the vision encoder, by the names in it; otherwise, it changes the decoders,
    /// or nothing.
    /// </summary>
    /// <param name="path">The path of the file or folder.</param>
    /// <exception cref="NexusGenException">It can't be read.</exception>
    public static bool IsForLanguageModel(string path)
    {
        using LoraFile file = Open(path);
        return file.Modules.Any(module => LanguageLoraNames.IsOne(module.Name));
    }

    /// <inheritdoc/>
    public void Dispose() => Store.Dispose();

    // The file with the tensors, and that with the configuration if there is one.
    private static (string Weights, string? Configuration) Find(string path)
    {
        if (Directory.Exists(path))
        {
            string[] weights =
            [
                .. new[] { ".safetensors", ".bin" }.Select(type => Path.Combine(path, WeightsName + type)).Where(File.Exists),
            ];
            string configuration = Path.Combine(path, ConfigurationName);
            if (File.Exists(configuration))
            {
                return weights.Length > 0
                    ? (weights[0], configuration)
                    : throw new NexusGenException($"The folder {path} has {ConfigurationName} but no {WeightsName}.safetensors.");
            }

            string[] files = Directory.GetFiles(path, "*.safetensors");
            return files.Length == 1
                ? (files[0], null)
                : throw new NexusGenException(
                    $"The folder {path} is not an adapter: it has no {ConfigurationName}; name the LoRA file itself.");
        }

        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, ConfigurationName);
        bool isPeft = Path.GetFileNameWithoutExtension(path) == WeightsName && File.Exists(beside);
        return (path, isPeft ? beside : null);
    }

    private static IReadOnlyList<LoraModule> Group(string path, ITensorStore store)
    {
        OrderedDictionary<string, LoraModule> modules = new(StringComparer.Ordinal);
        bool hasTextEncoder = false;
        foreach ((string name, TensorEntry entry) in store.Entries)
        {
            if (LoraKey.IsOfTextEncoder(name))
            {
                hasTextEncoder = true;
                continue;
            }

            var key = LoraKey.Parse(path, name);
            if (!modules.TryGetValue(key.Module, out LoraModule? module))
            {
                modules.Add(key.Module, module = new LoraModule(key.Module));
            }

            if (!module.Tensors.TryAdd(key.Role, entry))
            {
                throw new NexusGenException(
                    $"{path} has two tensors for the same purpose: {module.Tensors[key.Role].Name} and {name}.");
            }
        }

        return modules.Count > 0
            ? [.. modules.Values]
            : throw new NexusGenException(hasTextEncoder
                ? $"{path} changes only text encoders ({store.Entries.Keys.First()} …), which the model's images don't depend on."
                : $"{path} has no tensors.");
    }
}
