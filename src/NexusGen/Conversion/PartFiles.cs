using NexusGen.Autoregressive;
using NexusGen.Decoders;
using NexusGen.Diffusion.Flux;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>Plans the new files of the parts of a model.</summary>
/// <param name="type">The storage.</param>
/// <param name="maxBytes">The size limit of a safetensors file.</param>
internal sealed class PartFiles(StorageType type, long maxBytes)
{
    /// <summary>Plans a part whose names stay.</summary>
    /// <param name="part">The part.</param>
    /// <param name="store">Its tensors.</param>
    /// <param name="basePath">The path without its ending.</param>
    /// <param name="keep">Why it stays wide and in safetensors if the type is narrow, or null.</param>
    /// <param name="rename">Returns the new name of a tensor, or null to leave it out; null if all names stay.</param>
    /// <param name="changed">Returns changed values; see <see cref="TensorPlanner.Changed"/>.</param>
    public IEnumerable<PlannedFile> Plain(
        string part,
        ITensorStore store,
        string basePath,
        string? keep = null,
        Func<string, string?>? rename = null,
        Func<string, TensorEntry, Func<Tensor>?>? changed = null)
    {
        bool isGguf = type.IsGguf && keep is null;
        var planner = new TensorPlanner(type, store, isGguf, keep) { Changed = changed ?? ((_, _) => null) };
        PlannedTensor[] tensors =
        [
            .. store.Entries.Keys.Select(name => (Name: name, New: rename is null ? name : rename(name)))
                .Where(pair => pair.New is not null)
                .Select(pair => planner.Plan(pair.Name, pair.New!))
        ];
        return isGguf
            ? [PlannedFile.Gguf(part, basePath + ".gguf", new Dictionary<string, object>(), tensors)]
            : PlannedFile.Safetensors(part, basePath, tensors, maxBytes);
    }

    /// <summary>Plans a decoder: in safetensors its parts together, in GGUF the transformer for itself.</summary>
    /// <param name="part">The part.</param>
    /// <param name="transformer">The store with the transformer.</param>
    /// <param name="rest">The store with the adapter or the merger, or null if there is none.</param>
    /// <param name="basePath">The path without its ending.</param>
    /// <param name="restPath">The path without its ending for the rest if it is stored for itself.</param>
    /// <param name="changed">Returns changed values of the transformer; see <see cref="TensorPlanner.Changed"/>.</param>
    public IEnumerable<PlannedFile> Decoder(
        string part,
        ITensorStore transformer,
        ITensorStore? rest,
        string basePath,
        string restPath,
        Func<string, TensorEntry, Func<Tensor>?>? changed = null)
    {
        string[] names = [.. transformer.Entries.Keys.Where(name => !IsRest(name) && !FluxNames.IsBundled(name))];
        string[] others = [.. rest?.Entries.Keys.Where(IsRest) ?? []];
        var planner = new TensorPlanner(type, transformer, type.IsGguf) { Changed = changed ?? ((_, _) => null) };
        if (type.IsGguf)
        {
            PlannedTensor[] tensors = [.. names.Select(name => Flux(planner, transformer, name))];
            yield return PlannedFile.Gguf(
                part, basePath + ".gguf", Metadata("flux"), [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)]);
        }

        var restPlanner = new TensorPlanner(type, rest ?? transformer, isGguf: false);
        PlannedTensor[] beside = [.. others.Select(name => restPlanner.Plan(name, name))];
        if (!type.IsGguf)
        {
            PlannedTensor[] own = [.. names.Select(name => planner.Plan(
                name,
                beside.Length == 0 || name.StartsWith(DecoderNames.Transformer, StringComparison.Ordinal)
                    ? name
                    : DecoderNames.Transformer + name))];
            beside = [.. beside, .. own];
        }

        if (beside.Length > 0)
        {
            foreach (PlannedFile file in PlannedFile.Safetensors(part, type.IsGguf ? restPath : basePath, beside, maxBytes))
            {
                yield return file;
            }
        }
    }

    /// <summary>Plans language model and vision encoder.</summary>
    /// <param name="part">The part.</param>
    /// <param name="store">The tensors under their official names.</param>
    /// <param name="folder">The folder of configuration and tokenizer.</param>
    /// <param name="target">The folder of the new files.</param>
    /// <param name="changed">Returns changed values; see <see cref="TensorPlanner.Changed"/>.</param>
    public IEnumerable<PlannedFile> LanguageModel(
        string part,
        ITensorStore store,
        string folder,
        string target,
        Func<string, TensorEntry, Func<Tensor>?>? changed = null)
    {
        if (!type.IsGguf)
        {
            return Plain(part, store, Path.Combine(target, "model"), rename: name => name, changed: changed);
        }

        var planner = new TensorPlanner(type, store, isGguf: true) { Changed = changed ?? ((_, _) => null) };
        var restPlanner = new TensorPlanner(type, store, isGguf: false) { Changed = changed ?? ((_, _) => null) };
        List<PlannedTensor> text = [], vision = [], rest = [];
        foreach (string name in store.Entries.Keys.Where(name => !RecomputedBuffers.Contains(name)))
        {
            bool isVision = name.StartsWith(LanguageModelNames.Vision, StringComparison.Ordinal);
            PlannedTensor[] made = [.. LlamaTensors.Of(planner, store.Entries[name], name)];
            (made.Length == 0 ? rest : isVision ? vision : text).AddRange(
                made.Length == 0 ? [restPlanner.Plan(name, name)] : made);
        }

        var metadata = LlamaMetadata.Read(folder);
        return
        [
            PlannedFile.Gguf(
                part,
                Path.Combine(target, $"language-model-{Suffix}.gguf"),
                metadata.Text(type.FileType, (int)store.Entries[LlamaTensors.Table].Shape[0]),
                text),
            PlannedFile.Gguf(part, Path.Combine(target, $"mmproj-{Suffix}.gguf"), metadata.Vision(type.FileType), vision),
            .. PlannedFile.Safetensors(part, Path.Combine(target, "vision-head"), rest, long.MaxValue),
        ];
    }

    /// <summary>Plans a GGUF file from another one: names and metadata stay.</summary>
    /// <param name="part">The part.</param>
    /// <param name="store">The tensors.</param>
    /// <param name="path">The path.</param>
    /// <param name="metadata">The metadata of the other file.</param>
    public PlannedFile Again(string part, ITensorStore store, string path, IReadOnlyDictionary<string, object> metadata)
    {
        var planner = new TensorPlanner(type, store, isGguf: true);
        var kept = new OrderedDictionary<string, object>(metadata.Where(pair =>
            !pair.Key.StartsWith("split.", StringComparison.Ordinal) && pair.Key != "general.alignment"));
        kept["general.file_type"] = type.FileType;
        kept["general.quantization_version"] = 2u;
        return PlannedFile.Gguf(part, path, kept, [.. store.Entries.Keys.Select(name => planner.Plan(name, name))]);
    }

    private static bool IsRest(string name) =>
        name.StartsWith(DecoderNames.Adapter, StringComparison.Ordinal)
        || name.StartsWith(DecoderNames.Merger, StringComparison.Ordinal);

    private static PlannedTensor Flux(TensorPlanner planner, ITensorStore store, string name)
    {
        string bare = name.StartsWith(DecoderNames.Transformer, StringComparison.Ordinal)
            ? name[DecoderNames.Transformer.Length..]
            : name;
        return FluxNames.DiffSynth.ToModel(bare) is not ({ } official, var change)
            ? planner.Plan(name, bare)
            : planner.Plan(name, official, store.Entries[name].Shape, value => RenamedWeights.Apply(value, change));
    }

    private string Suffix => type.Encoding.Name.ToLowerInvariant();

    private OrderedDictionary<string, object> Metadata(string architecture) => new()
    {
        ["general.architecture"] = architecture,
        ["general.quantization_version"] = 2u,
        ["general.file_type"] = type.FileType,
    };
}
