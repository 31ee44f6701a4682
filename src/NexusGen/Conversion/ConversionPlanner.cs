using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Gguf;
using NexusGen.Weights.Stores;

namespace NexusGen.Conversion;

/// <summary>Finds out what a path is, and plans its conversion. Only headers are read.</summary>
internal static class ConversionPlanner
{
    /// <summary>The ending of the GGUF files.</summary>
    private const string Ending = ".gguf";

    /// <summary>Plans a conversion.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="NexusGenException">
    /// The source can't be read, does not fit the sizes of its model, or can't be stored like this.
    /// </exception>
    public static ConversionPlan Plan(ConversionRequest request)
    {
        if (!Path.Exists(request.Source))
        {
            throw new NexusGenException($"{request.Source} does not exist; name a model folder or a weight file.");
        }

        bool isModel = File.Exists(Path.Combine(request.Source, ModelPaths.LanguageModelFolder, "config.json"));
        bool isLanguageModel = Directory.Exists(request.Source)
            && File.Exists(Path.Combine(request.Source, LlamaMetadata.Configuration))
            && IsLanguageModel(request.Source);
        if (isModel || isLanguageModel)
        {
            RefuseFileName(request);
            return new ModelConversion(request, isLanguageModel).Plan();
        }

        if (request.Loras.Count > 0)
        {
            throw new NexusGenException(
                $"--lora needs a whole model: {request.Source} has no "
                + $"{ModelPaths.LanguageModelFolder}/{LlamaMetadata.Configuration} that tells its sizes.");
        }

        return PlanWeights(request);
    }

    private static bool IsLanguageModel(string folder)
    {
        JsonFields config = JsonFields.Open(Path.Combine(folder, LlamaMetadata.Configuration));
        return config.Has("vision_config");
    }

    private static void RefuseFileName(ConversionRequest request)
    {
        if (request.Output.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
            || request.Output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            throw new NexusGenException(
                $"{request.Source} is a model of several files: name a folder with --output, not {request.Output}.");
        }
    }

    // A file, or a folder with one set of files.
    private static ConversionPlan PlanWeights(ConversionRequest request)
    {
        bool isFolder = Directory.Exists(request.Source);
        ITensorStore raw = TensorStore.Open(request.Source, request.Map);
        List<IDisposable> owned = [];
        try
        {
            string[] sources = [.. raw.Entries.Values.Select(entry => entry.File)];
            WeightContent content = WeightContents.Of(raw);
            IReadOnlyDictionary<string, object>? metadata = sources.Length > 0 ? MetadataOf(sources[0]) : null;
            bool isAgain = metadata is not null && request.Type.IsGguf;
            ITensorStore store = isAgain ? raw : content switch
            {
                WeightContent.LlamaText or WeightContent.LlamaVision => LlamaFiles.Join(request.Source, [raw]),
                WeightContent.LanguageModel => LanguageModelNames.Open(request.Source, request.Map),
                _ => TensorStore.OpenModel(request.Source, request.Map),
            };
            owned.Add(store);
            if (store != raw && content is not (WeightContent.LlamaText or WeightContent.LlamaVision))
            {
                owned.Add(raw);
            }

            CheckReadable(store);
            string basePath = isFolder ? "model" : BasePath(request);
            var files = new PartFiles(request.Type, isFolder ? request.MaxFileBytes : long.MaxValue);
            string part = Path.GetFileName(Path.TrimEndingDirectorySeparator(request.Source));
            IEnumerable<PlannedFile> planned = (content, isAgain) switch
            {
                (_, true) => [files.Again(part, store, basePath + Ending, metadata!)],
                (WeightContent.LanguageModel, _) when request.Type.IsGguf => throw new NexusGenException(
                    $"{request.Source} is a language model, which becomes two GGUF files with the names of llama.cpp: convert "
                    + "its folder with config.json and tokenizer."),
                (WeightContent.FluxTransformer or WeightContent.Decoder, _) =>
                    files.Decoder(part, store, store, basePath, basePath + "_rest"),
                _ => files.Plain(part, store, basePath),
            };
            (string, string)[] copies = isFolder ? [.. Companions.Of(request.Source, "")] : [];
            return new ConversionPlan(request, isFolder, [.. planned], [.. copies], sources, owned);
        }
        catch
        {
            owned.ForEach(item => item.Dispose());
            raw.Dispose();
            throw;
        }
    }

    /// <summary>Checks that every tensor can be read, before anything is written.</summary>
    /// <param name="store">The tensors.</param>
    /// <exception cref="WeightFileException">A tensor has a type that can only be listed.</exception>
    internal static void CheckReadable(ITensorStore store)
    {
        if (store.Entries.Values.FirstOrDefault(entry => !TensorTypes.IsReadable(entry)) is { } entry)
        {
            throw new WeightFileException(
                $"The tensor {entry.Name} in {entry.File} has the type {TensorTypes.NameOf(entry)}, which can be listed but not "
                + "converted; take a file in another type.");
        }
    }

    private static IReadOnlyDictionary<string, object>? MetadataOf(string path)
    {
        using WeightFile file = WeightFile.Open(path);
        return FileFormat.Detect(file) == WeightFileFormat.Gguf ? GgufHeader.Read(file).Metadata : null;
    }

    private static string BasePath(ConversionRequest request)
    {
        string expected = request.Type.IsGguf ? Ending : ".safetensors", name = Path.GetFileName(request.Output);
        return name.EndsWith(expected, StringComparison.OrdinalIgnoreCase) && name.Length > expected.Length
            ? name[..^expected.Length]
            : throw new NexusGenException(
                $"{request.Type.Name} is stored in a file that ends in {expected}: "
                + $"--output {Path.ChangeExtension(name, expected)}.");
    }
}
