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
/// The files of one model, opened when they are needed, and the parts that are loaded from them. Each file is checked as a
/// whole against the model's sizes before a part is loaded. Safe to use from several threads.
/// </summary>
public sealed class ModelFiles : IDisposable
{
    private const string VisionPrefix = "visual.";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ITensorStore> _stores = [];
    private readonly Lazy<QwenTokenizer> _tokenizer;
    private readonly Lazy<ClipTokenizer> _clipTokenizer;
    private readonly Lazy<T5Tokenizer> _t5Tokenizer;
    private readonly Lazy<ImageProcessor> _imageProcessor;

    /// <summary>Reads the configurations of a model.</summary>
    /// <param name="paths">Where its files lie.</param>
    /// <exception cref="NexusGenException">A configuration can't be read.</exception>
    public ModelFiles(ModelPaths paths)
    {
        Paths = paths;
        Configuration = NexusGenConfiguration.Read(paths.Configuration);
        var sizes = LanguageModelConfiguration.Read(Path.Combine(paths.LanguageModel, "config.json"), Configuration.ImageTokens);
        LanguageModel = sizes with { Vision = sizes.Vision with { EmbeddingNorm = Configuration.EmbeddingNorm } };
        Generation = GenerationConfiguration.Read(Path.Combine(paths.LanguageModel, "generation_config.json"));
        ChatTemplate.Verify(paths.LanguageModel);
        _tokenizer = new(() => QwenTokenizer.Load(paths.LanguageModel));
        _clipTokenizer = new(() => ClipTokenizer.Load(paths.ClipTokenizer));
        _t5Tokenizer = new(() => T5Tokenizer.Load(paths.T5Tokenizer));
        _imageProcessor = new(() => Imaging.ImageProcessor.Load(paths.LanguageModel));
    }

    /// <summary>Where the files lie.</summary>
    public ModelPaths Paths { get; }

    /// <summary>Sizes, grids and defaults.</summary>
    public NexusGenConfiguration Configuration { get; }

    /// <summary>The language model's sizes.</summary>
    public LanguageModelConfiguration LanguageModel { get; }

    /// <summary>How the model wants its replies sampled.</summary>
    public GenerationConfiguration Generation { get; }

    /// <summary>The language model's tokenizer.</summary>
    public QwenTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>CLIP's tokenizer.</summary>
    public ClipTokenizer ClipTokenizer => _clipTokenizer.Value;

    /// <summary>T5's tokenizer.</summary>
    public T5Tokenizer T5Tokenizer => _t5Tokenizer.Value;

    /// <summary>What cuts pictures into patches.</summary>
    public ImageProcessor ImageProcessor => _imageProcessor.Value;

    /// <summary>The vision encoder.</summary>
    public ModelPart<VisionEncoder> VisionPart => new(
        source => new VisionEncoder(source, LanguageModel.Vision), () => new CheckpointPart(Store(Paths.LanguageModelWeights), VisionPrefix));

    /// <summary>The language model without its vision encoder.</summary>
    public ModelPart<LanguageModel> LanguageModelPart => new(
        source => new LanguageModel(source, LanguageModel),
        () => new CheckpointPart(Store(Paths.LanguageModelWeights)) { Elsewhere = name => name.StartsWith(VisionPrefix, StringComparison.Ordinal) });

    /// <summary>The generation decoder's adapter.</summary>
    public ModelPart<GenerationAdapter> AdapterPart => new(
        source => new GenerationAdapter(source, Configuration.GenerationDecoder.InChannel, Configuration.GenerationDecoder.OutChannel),
        () => DecoderPart(Paths.GenerationDecoder, "adapter."));

    /// <summary>The editing decoder's merger.</summary>
    public ModelPart<EmbeddingMerger> MergerPart => new(
        source => new EmbeddingMerger(
            source, LanguageModel, Configuration.EditingDecoder.NumLayers, Configuration.EditingDecoder.OutChannel,
            Configuration.EditingDecoder.ExpandRatio, Configuration.Grids.Base),
        () => DecoderPart(Paths.EditingDecoder, "embedding_merger."));

    /// <summary>The autoencoder's encoder.</summary>
    public ModelPart<AutoencoderEncoder> EncoderHalfPart => new(
        source => new AutoencoderEncoder(source, Configuration.Autoencoder), () => AutoencoderPart("encoder."));

    /// <summary>The autoencoder's decoder.</summary>
    public ModelPart<AutoencoderDecoder> DecoderHalfPart => new(
        source => new AutoencoderDecoder(source, Configuration.Autoencoder), () => AutoencoderPart("decoder."));

    /// <summary>CLIP's text encoder.</summary>
    public ModelPart<ClipTextEncoder> ClipPart => new(
        source => new ClipTextEncoder(source, ClipConfiguration.Read(Paths.Clip)),
        () => new CheckpointPart(Store(Paths.Clip)) { Elsewhere = ClipTextEncoder.IsConstant });

    /// <summary>T5's encoder.</summary>
    public ModelPart<T5Encoder> T5Part => new(
        source => new T5Encoder(source, T5Configuration.Read(Paths.T5), T5Encoder.TableIn(Store(Paths.T5))),
        () => new CheckpointPart(Store(Paths.T5)) { Elsewhere = T5Encoder.IsTokenTable });

    /// <summary>A FLUX transformer: a decoder's own, or one under black-forest-labs' names.</summary>
    /// <param name="path">The decoder's file, or <c>flux1-dev.safetensors</c>.</param>
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

    private static CheckpointPart Flux(ITensorStore store, string prefix) =>
        new(store, prefix, store.Entries.ContainsKey(prefix + "img_in.weight") ? null : FluxNames.DiffSynth);

    private CheckpointPart FluxCheckpoint(string path)
    {
        ITensorStore store = Store(path);
        return Flux(store, store.Entries.Keys.Any(name => name.StartsWith("pipe.dit.", StringComparison.Ordinal)) ? "pipe.dit." : "");
    }

    private CheckpointPart DecoderPart(string path, string prefix)
    {
        ITensorStore store = Store(path);
        CheckpointPart.CheckPrefixes(store, prefix, "pipe.dit.");
        return new CheckpointPart(store, prefix);
    }

    private CheckpointPart AutoencoderPart(string prefix)
    {
        ITensorStore store = Store(Paths.Autoencoder);
        CheckpointPart.CheckPrefixes(store, "encoder.", "decoder.");
        return new CheckpointPart(store, prefix);
    }

    private ITensorStore Store(string path)
    {
        lock (_gate)
        {
            if (!_stores.TryGetValue(path, out ITensorStore? store))
            {
                _stores[path] = store = TensorStore.Open(path);
            }

            return store;
        }
    }
}
