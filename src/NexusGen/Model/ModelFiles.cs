using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Imaging;
using NexusGen.Text;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;

namespace NexusGen.Model;

/// <summary>
/// The files of a model, opened when they are needed, and the components that are loaded from them. Before a component is loaded,
/// all its tensors in the file are checked against the sizes of the model. Thread-safe.
/// </summary>
internal sealed class ModelFiles : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ITensorStore> _stores = [];
    private readonly bool _map;
    private readonly Lazy<QwenTokenizer> _tokenizer;
    private readonly Lazy<ClipTokenizer> _clipTokenizer;
    private readonly Lazy<T5Tokenizer> _t5Tokenizer;
    private readonly Lazy<ImageProcessor> _imageProcessor;

    /// <summary>Reads the configurations of a model.</summary>
    /// <param name="paths">The paths of the files.</param>
    /// <param name="map">Whether weights may be memory-mapped; otherwise, they are read.</param>
    /// <exception cref="NexusGenException">A configuration can't be read.</exception>
    public ModelFiles(ModelPaths paths, bool map = true)
    {
        _map = map;
        Paths = paths;
        string path = Path.Combine(paths.LanguageModel, "config.json");
        Configuration = NexusGenConfiguration.Read(paths.Configuration, LanguageModelConfiguration.ReadMergeSize(path));
        var sizes = LanguageModelConfiguration.Read(path, Configuration.ImageTokens);
        LanguageModel = sizes with { Vision = sizes.Vision with { EmbeddingNorm = Configuration.EmbeddingNorm } };
        Generation = GenerationConfiguration.Read(paths.LanguageModel);
        ChatTemplate.Verify(paths.LanguageModel);
        _tokenizer = new(() => QwenTokenizer.Load(paths.LanguageModel));
        _clipTokenizer = new(() => ClipTokenizer.Load(paths.ClipTokenizer));
        _t5Tokenizer = new(() => T5Tokenizer.Load(paths.T5Tokenizer));
        _imageProcessor = new(LoadImageProcessor);
    }

    /// <summary>Gets the paths of the files.</summary>
    public ModelPaths Paths { get; }

    /// <summary>Gets the sizes, grids and defaults.</summary>
    public NexusGenConfiguration Configuration { get; }

    /// <summary>Gets the sizes of the language model.</summary>
    public LanguageModelConfiguration LanguageModel { get; }

    /// <summary>Gets the sampling settings of the model for replies.</summary>
    public GenerationConfiguration Generation { get; }

    /// <summary>Gets the tokenizer of the language model.</summary>
    public QwenTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>Gets the CLIP tokenizer.</summary>
    public ClipTokenizer ClipTokenizer => _clipTokenizer.Value;

    /// <summary>Gets the T5 tokenizer.</summary>
    public T5Tokenizer T5Tokenizer => _t5Tokenizer.Value;

    /// <summary>Gets the processor that converts images to patches.</summary>
    public ImageProcessor ImageProcessor => _imageProcessor.Value;

    /// <summary>Gets the vision encoder.</summary>
    public ModelPart<VisionEncoder> VisionPart => new(
        source => new VisionEncoder(source, LanguageModel.Vision),
        () => new CheckpointPart(LanguageModelStore(), LanguageModelNames.Vision));

    /// <summary>Gets the language model without its vision encoder.</summary>
    public ModelPart<LanguageModel> LanguageModelPart => new(
        source => new LanguageModel(source, LanguageModel),
        () => new CheckpointPart(LanguageModelStore())
        {
            // Some tools store the head of a model with tied embeddings all the same; it is the embedding table.
            Elsewhere = name => name.StartsWith(LanguageModelNames.Vision, StringComparison.Ordinal)
                || (LanguageModel.TieWordEmbeddings && name == LanguageModelNames.TextHead),
        });

    /// <summary>Gets the adapter of the generation decoder.</summary>
    public ModelPart<GenerationAdapter> AdapterPart => new(
        source => new GenerationAdapter(
            source,
            Configuration.GenerationDecoder.InChannel,
            Configuration.GenerationDecoder.OutChannel),
        () => DecoderPart(Paths.GenerationDecoder, Paths.OwnGenerationDecoder, DecoderNames.Adapter));

    /// <summary>Gets the merger of the editing decoder.</summary>
    public ModelPart<EmbeddingMerger> MergerPart => new(
        source => new EmbeddingMerger(
            source, LanguageModel, Configuration.EditingDecoder.NumLayers, Configuration.EditingDecoder.OutChannel,
            Configuration.EditingDecoder.ExpandRatio, Configuration.Grids.Base),
        () => DecoderPart(Paths.EditingDecoder, Paths.OwnEditingDecoder, DecoderNames.Merger));

    /// <summary>Gets the encoder of the autoencoder.</summary>
    public ModelPart<AutoencoderEncoder> AutoencoderEncoderPart => new(
        source => new AutoencoderEncoder(source, Configuration.Autoencoder), () => AutoencoderPart(AutoencoderNames.Encoder));

    /// <summary>Gets the decoder of the autoencoder.</summary>
    public ModelPart<AutoencoderDecoder> AutoencoderDecoderPart => new(
        source => new AutoencoderDecoder(source, Configuration.Autoencoder), () => AutoencoderPart(AutoencoderNames.Decoder));

    /// <summary>Gets the CLIP text encoder.</summary>
    public ModelPart<ClipTextEncoder> ClipPart => new(
        source => new ClipTextEncoder(source, ClipConfiguration.Read(Paths.Clip)),
        () => new CheckpointPart(Store(Paths.Clip)));

    /// <summary>Gets the T5 encoder.</summary>
    public ModelPart<T5Encoder> T5Part => new(
        source => new T5Encoder(source, T5Configuration.Read(Paths.T5), T5Encoder.TableIn(Store(Paths.T5))),
        () => new CheckpointPart(Store(Paths.T5)) { Elsewhere = T5Encoder.IsTokenTable });

    /// <summary>Returns a FLUX transformer, either that of a decoder or one with the names of black-forest-labs.</summary>
    /// <param name="path">The file of the decoder, or <c>flux1-dev.safetensors</c>.</param>
    public ModelPart<FluxTransformer> FluxPart(string path) => new(
        source => new FluxTransformer(source, Configuration.Flux), () => FluxCheckpoint(path));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ITensorStore store in _stores.Values)
            {
                store.Dispose();
            }

            _stores.Clear();
        }
    }

    // Vision encoder and image processor have their sizes from different files.
    private ImageProcessor LoadImageProcessor()
    {
        var processor = Imaging.ImageProcessor.Load(Paths.LanguageModel);
        VisionConfiguration vision = LanguageModel.Vision;
        ImageProcessorConfig config = processor.Config;
        return (config.PatchSize, config.MergeSize) == (vision.PatchSize, vision.SpatialMergeSize)
            ? processor
            : throw new NexusGenException(
                $"{Path.Combine(Paths.LanguageModel, ImageProcessorConfig.FileName)}: patch_size {config.PatchSize} and "
                + $"merge_size {config.MergeSize} must be patch_size {vision.PatchSize} and spatial_merge_size "
                + $"{vision.SpatialMergeSize} of vision_config in config.json.");
    }

    private static CheckpointPart Flux(ITensorStore store, string prefix) =>
        new(store, prefix, store.Entries.ContainsKey(prefix + "img_in.weight") ? null : FluxNames.DiffSynth)
        {
            Elsewhere = name => prefix.Length == 0 && FluxNames.IsBundled(name),
        };

    private CheckpointPart FluxCheckpoint(string path)
    {
        ITensorStore store = Store(path);
        WeightContents.Check(store, "a decoder", WeightContent.FluxTransformer, WeightContent.Decoder);
        bool inDecoder = store.Entries.Keys.Any(name => name.StartsWith(DecoderNames.Transformer, StringComparison.Ordinal));
        return Flux(store, inDecoder ? DecoderNames.Transformer : "");
    }

    private CheckpointPart DecoderPart(string path, string? own, string prefix)
    {
        ITensorStore store = Store(path);
        WeightContents.Check(store, "a decoder", WeightContent.FluxTransformer, WeightContent.Decoder);
        if (own is not null && own != path && WeightContents.Of(store) == WeightContent.FluxTransformer)
        {
            store = File.Exists(own) ? Store(own) : throw new WeightException(
                $"{path} contains only a FLUX transformer, and {own}, which has the rest of the decoder, does not exist; put the "
                + "official file there.");
        }

        CheckpointPart.CheckPrefixes(store, prefix, DecoderNames.Transformer);
        return new CheckpointPart(store, prefix);
    }

    private CheckpointPart AutoencoderPart(string prefix)
    {
        ITensorStore store = Store(Paths.Autoencoder);
        CheckpointPart.CheckPrefixes(store, AutoencoderNames.Encoder, AutoencoderNames.Decoder);
        return new CheckpointPart(store, prefix);
    }

    private ITensorStore LanguageModelStore() => Store(Paths.LanguageModelWeights, path =>
    {
        if (LlamaFiles.FindText(path) is { } text)
        {
            return LlamaFiles.Open(text, Paths.LanguageModel, _map);
        }

        ITensorStore store = LanguageModelNames.Open(path, _map);
        try
        {
            WeightContents.Check(store, "the language model", WeightContent.LanguageModel);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    });

    private ITensorStore Store(string path) => Store(path, file => TensorStore.OpenModel(file, _map));

    private ITensorStore Store(string path, Func<string, ITensorStore> open)
    {
        lock (_gate)
        {
            if (!_stores.TryGetValue(path, out ITensorStore? store))
            {
                _stores[path] = store = open(path);
            }

            return store;
        }
    }
}
