using NexusGen.Autoregressive;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Loop;
using NexusGen.Training.Lora;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Stages;

/// <summary>
/// Phase 2: trains a decoder on prepared data, or on official data that consists of images and embedding files.
/// </summary>
/// <param name="editing">Whether the stage trains the editing decoder; otherwise the generation decoder.</param>
internal sealed class DecoderStage(bool editing) : TrainingStage<DecoderTrainingConfiguration, DecoderBatch>
{
    /// <inheritdoc/>
    public override string Name => editing ? "editing-decoder" : "generation-decoder";

    /// <inheritdoc/>
    public override string Description =>
        $"phase 2, the {(editing ? "editing" : "generation")} decoder, on the output of `nexusgen prepare` or a folder of images";

    /// <inheritdoc/>
    protected override ITrainingObjective<DecoderBatch> CreateTask(
        StageComponents components, DecoderTrainingConfiguration configuration)
    {
        ModelFiles files = components.Files;
        ImageDefaults size = editing ? files.Configuration.Defaults.Edit : files.Configuration.Defaults.Generate;
        configuration = configuration with
        {
            Width = configuration.Width ?? size.Width,
            Height = configuration.Height ?? size.Height,
        };
        ISampleData<DecoderSample> data = Open(configuration.Data, configuration, components);
        ISampleData<DecoderSample>? validation = configuration.ValidationData.Count == 0
            ? null
            : Open(configuration.ValidationData, configuration, components);
        string own = editing ? files.Paths.EditingDecoder : files.Paths.GenerationDecoder;
        TrainedLora? lora = components.Lora(
            Name, own, targets => editing ? targets.EditingDecoder : targets.GenerationDecoder, LoraLayers.OfFlux);
        T Rest<T>(ModelPart<T> part)
            where T : Module => lora is null ? components.Trained(part) : components.Under(part, null);
        FluxTransformer transformer = lora is not null ? components.Under(files.FluxPart(own), lora)
            : BeginsFrom(files.Paths, configuration) is { } other ? components.Frozen(files.FluxPart(other))
            : components.Trained(files.FluxPart(own));
        NameTable names = FluxNames.DiffSynth;
        DiffusionDecoder decoder;
        SavedWeights weights;
        if (editing)
        {
            EmbeddingMerger merger = Rest(files.MergerPart);
            if (configuration.FromNothing && configuration.MergerFromLanguageModel)
            {
                CopyLayers(components, merger);
            }

            decoder = new EditingDecoder(merger, transformer);
            weights = lora?.Weights ?? SavedWeights
                .Of("Nexus-GenV2/edit_decoder", transformer, names, DecoderNames.Transformer)
                .With(merger, prefix: DecoderNames.Merger);
        }
        else
        {
            GenerationAdapter adapter = Rest(files.AdapterPart);
            decoder = new GenerationDecoder(
                adapter, transformer, files.Configuration.GenerationDecoder.TextIds,
                files.LanguageModel.Vision.SpatialMergeSize);
            weights = lora?.Weights ?? SavedWeights
                .Of("Nexus-GenV2/generation_decoder", transformer, names, DecoderNames.Transformer)
                .With(adapter, prefix: DecoderNames.Adapter);
        }

        bool pictures = configuration.Data.Concat(configuration.ValidationData).Any(source => !Directory.Exists(source.Path));
        AutoencoderEncoder? autoencoder = pictures ? components.Frozen(files.AutoencoderEncoderPart) : null;
        PromptEmbeddings empty = EmptyPrompt(files, configuration, components.Options);
        return new DecoderObjective(
            decoder, autoencoder, empty, files.Configuration.Grids, configuration, [weights], data, validation);
    }

    // The file from which a decoder that is trained from random weights takes its transformer, or null for a random transformer.
    private string? BeginsFrom(ModelPaths paths, DecoderTrainingConfiguration configuration) =>
        !configuration.FromNothing ? null
        : configuration.TransformerFromFlux ? paths.FluxTransformer
        : editing && configuration.TransformerFromGenerationDecoder ? paths.GenerationDecoder : null;

    // A model that is trained from random weights may lack CLIP and T5. A constant then replaces the embeddings of the empty
    // prompt.
    private static PromptEmbeddings EmptyPrompt(ModelFiles files, DecoderTrainingConfiguration configuration, LoadOptions options)
    {
        var prompts = new FluxTextEncoders(files, options);
        if (configuration.FromNothing && !prompts.HasEncoders && prompts.ReadEmpty() is null)
        {
            prompts.StoreConstant(files.Configuration.ImageTokens);
        }

        return prompts.Encode("");
    }

    private ISampleData<DecoderSample> Open(
        IReadOnlyList<DataSource> sources, DecoderTrainingConfiguration configuration, StageComponents components)
    {
        if (sources.Any(source => Directory.Exists(source.Path)))
        {
            if (sources.FirstOrDefault(source => !Directory.Exists(source.Path)) is { } file)
            {
                throw new TrainingException(
                    $"Prepared data and JSON Lines files can't be mixed, but {file.Path} is not a folder.");
            }

            if (sources.FirstOrDefault(source => DecoderDatasetIndex.Exists(source.Path)
                && (source.Repeats != 1 || source.Trigger is not null || source.CaptionDropout != 0)) is { } prepared)
            {
                throw new TrainingException(
                    $"{prepared.Path} is prepared data; repeats, trigger and caption_dropout are for folders of images.");
            }

            return components.Use(new SourceMix<DecoderSample>(
                [
                    .. sources.Select((source, i) => (source.Weight, (ISampleData<DecoderSample>)components.Use(
                        new DecoderDataset(
                            FolderPreparation.Of(source, configuration, components, editing),
                            CounterRandom.Hash(configuration.Seed, (ulong)i),
                            editing))))
                ],
                configuration.Seed));
        }

        GridSizes grids = components.Files.Configuration.Grids;
        int merge = components.Files.LanguageModel.Vision.SpatialMergeSize;
        long width = components.Files.LanguageModel.HiddenSize;
        return components.Use(new TrainingData<DecoderSample>(
            sources, configuration.Seed,
            (line, folder) => OfficialDecoderData.Read(
                line, folder, editing, (grids.Drawn.Tokens(merge), width), (grids.Source.Tokens(merge), width),
                image => ImageFitting.CoverSize(image, configuration.Width!.Value, configuration.Height!.Value)),
            configuration.MaxBrokenRecords, components.ReportBroken));
    }

    // The merger's layers have the shapes and names of the language model's layers (ImageEmbeddingMerger of the official
    // repository).
    private static void CopyLayers(StageComponents components, EmbeddingMerger merger)
    {
        using LanguageModel model = components.Frozen(components.Files.LanguageModelPart);
        using IDisposable inference = no_grad();
        Dictionary<string, Parameter> layers = model.Parameters.ToDictionary(parameter => parameter.Name);
        foreach (Parameter parameter in merger.Parameters)
        {
            if (layers.TryGetValue("model." + parameter.Name, out Parameter? layer))
            {
                parameter.Value.copy_(layer.Value);
            }
        }
    }
}
