using NexusGen.Core;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>Plans the conversion of a model folder: each part that is there, and the files beside them.</summary>
/// <param name="request">The request.</param>
/// <param name="isLanguageModel">Whether the source is the folder of the language model alone, with the decoders in it.</param>
internal sealed class ModelConversion(ConversionRequest request, bool isLanguageModel)
{
    private const string Autoencoder = "autoencoder", Clip = "clip";

    private readonly List<IDisposable> _owned = [];
    private readonly List<string> _sources = [];
    private readonly List<PlannedFile> _files = [];
    private readonly List<(string From, string To)> _copies = [];

    /// <summary>Gets the names of the parts, as the options of the command have them.</summary>
    public static IReadOnlyList<string> Parts { get; } =
        ["language-model", "generation-decoder", "editing-decoder", Autoencoder, Clip, "t5"];

    /// <summary>Plans the conversion.</summary>
    /// <exception cref="NexusGenException">A part can't be read or does not fit the sizes of the model.</exception>
    public ConversionPlan Plan()
    {
        try
        {
            var paths = ModelPaths.Find(request.Source);
            var files = new ModelFiles(paths, request.Map);
            _owned.Add(files);
            var loras = new MergedLoras(new LoraTargets(files), request.Loras);
            _owned.Add(loras);
            string language = isLanguageModel ? "" : ModelPaths.LanguageModelFolder;
            AddLanguageModel(files, loras, language);
            AddDecoders(files, loras, language);
            _copies.AddRange(Companions.Of(paths.LanguageModel, language));
            if (!isLanguageModel)
            {
                AddFlux(files);
                _copies.AddRange(new[] { paths.Configuration, paths.EmptyPrompt, Path.Combine(paths.Root, "README.md") }
                    .Where(File.Exists)
                    .Select(file => (file, Path.GetFileName(file))));
            }

            return _files.Count > 0
                ? new ConversionPlan(
                    request, isFolder: true, [.. _files], [.. _copies], _sources, [.. Enumerable.Reverse(_owned)])
                : throw new NexusGenException(
                    $"{request.Source} has no weights of the parts {string.Join(", ", request.Parts)}.");
        }
        catch
        {
            Enumerable.Reverse(_owned).ToList().ForEach(item => item.Dispose());
            throw;
        }
    }

    private void AddLanguageModel(ModelFiles files, MergedLoras loras, string target)
    {
        if (!Wants("language-model"))
        {
            return;
        }

        CheckpointPart text = files.LanguageModelPart.Checkpoint(), vision = files.VisionPart.Checkpoint();
        text.Check(files.LanguageModelPart.Build);
        vision.Check(files.VisionPart.Build);
        Use(text.Store);
        var ofText = Merge(text, loras.LanguageModel);
        var ofVision = Merge(vision, loras.VisionEncoder);
        _files.AddRange(Writer.LanguageModel(
            "language-model",
            text.Store,
            files.Paths.LanguageModel,
            target,
            (name, entry) =>
                name.StartsWith(vision.Prefix, StringComparison.Ordinal) ? ofVision(name, entry) : ofText(name, entry)));
    }

    private void AddDecoders(ModelFiles files, MergedLoras loras, string target)
    {
        if (Wants("generation-decoder") && File.Exists(files.Paths.GenerationDecoder))
        {
            CheckpointPart adapter = files.AdapterPart.Checkpoint();
            adapter.Check(files.AdapterPart.Build);
            Add(
                "generation-decoder", files.Paths.GenerationDecoder, adapter.Store, ModelPaths.GenerationDecoderName,
                ModelPaths.GenerationDecoderRest, () => loras.GenerationDecoder);
        }

        if (Wants("editing-decoder") && File.Exists(files.Paths.EditingDecoder))
        {
            CheckpointPart merger = files.MergerPart.Checkpoint();
            merger.Check(files.MergerPart.Build);
            Add(
                "editing-decoder", files.Paths.EditingDecoder, merger.Store, ModelPaths.EditingDecoderName,
                ModelPaths.EditingDecoderRest, () => loras.EditingDecoder);
        }

        void Add(string part, string path, ITensorStore rest, string name, string restName, Func<LinearDeltas?> deltas)
        {
            CheckpointPart flux = files.FluxPart(path).Checkpoint();
            flux.Check(files.FluxPart(path).Build);
            Use(flux.Store);
            Use(rest);
            _files.AddRange(Writer.Decoder(
                part,
                flux.Store,
                rest,
                Path.Combine(target, name),
                Path.Combine(target, Path.ChangeExtension(restName, null)),
                Merge(flux, deltas())));
        }
    }

    private void AddFlux(ModelFiles files)
    {
        ModelPaths paths = files.Paths;
        const string folder = "FLUX/FLUX.1-dev";
        if (Wants(Autoencoder) && File.Exists(paths.Autoencoder))
        {
            AddPlain(Autoencoder, files.AutoencoderDecoderPart.Checkpoint(), $"{folder}/ae", "autoencoder");
        }

        if (Wants(Clip) && CheckpointNames.HasWeights(paths.Clip))
        {
            AddPlain(Clip, files.ClipPart.Checkpoint(), $"{folder}/text_encoder/model", "CLIP");
        }

        if (Wants("t5") && CheckpointNames.HasWeights(paths.T5))
        {
            AddPlain("t5", files.T5Part.Checkpoint(), $"{folder}/text_encoder_2/model", null);
        }

        foreach ((string from, string to) in ((string, string)[])
            [
                (paths.Flux, ""), (paths.Clip, "text_encoder"), (paths.T5, "text_encoder_2"),
                (paths.ClipTokenizer, "tokenizer"), (paths.T5Tokenizer, "tokenizer_2"),
            ])
        {
            _copies.AddRange(Companions.Of(from, Path.Combine(folder, to)));
        }
    }

    private void AddPlain(string part, CheckpointPart checkpoint, string basePath, string? keep)
    {
        Use(checkpoint.Store);
        _files.AddRange(Writer.Plain(part, checkpoint.Store, basePath, keep));
    }

    private PartFiles Writer => new(request.Type, request.MaxFileBytes);

    private bool Wants(string part) => request.Parts.Count == 0 || request.Parts.Contains(part);

    private void Use(ITensorStore store)
    {
        ConversionPlanner.CheckReadable(store);
        _sources.AddRange(store.Entries.Values.Select(entry => entry.File));
    }

    // Values with the changes of LoRA files, in the file's order of halves.
    private static Func<string, TensorEntry, Func<Tensor>?> Merge(CheckpointPart part, LinearDeltas? deltas) => (stored, entry) =>
    {
        if (deltas is null || !stored.StartsWith(part.Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        string bare = stored[part.Prefix.Length..];
        (string name, TensorChange change) = part.Names is null
            ? (bare, TensorChange.None)
            : part.Names.ToModel(bare) ?? (bare, TensorChange.None);
        if (deltas.Of(name[..Math.Max(name.LastIndexOf('.'), 0)]).Count == 0)
        {
            return null;
        }

        return () =>
        {
            using IDisposable noGradient = no_grad();
            var merged = new MergedWeights(part.Weights(map: false), deltas);
            using Tensor value = merged.Provide(
                new WeightRequest(name, [.. entry.Shape], ScalarType.Float32, CPU, Initialization.Zeros));
            using var scope = NewDisposeScope();
            return RenamedWeights.Apply(value, change).alias().DetachFromDisposeScope();
        };
    };
}
