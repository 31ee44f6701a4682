using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Engine;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>The stages of one open model, and the one place where device, precision and storage of each are chosen.</summary>
internal sealed class ModelStages : IDisposable
{
    // What activations, the key-value cache and libtorch itself take beside the weights, at the official sizes.
    private const long ActivationBytes = 2_000_000_000;

    private readonly LoadOptions _dense;

    public ModelStages(ModelFiles files, NexusGenOptions options, Action changed)
    {
        Files = files;
        _dense = new LoadOptions(new Placement(Devices.Open(options.Device), TypeOf(options.Precision, files.Configuration.Defaults.Precision)));
        LoadOptions decoder = _dense with { LinearFormat = options.DecoderWeights };
        if (options.MemoryBudget is <= 0)
        {
            throw new NexusGenException($"The memory budget is {options.MemoryBudget} bytes, but it must be more than nothing.");
        }

        if (options.MaxBatch < 1)
        {
            throw new NexusGenException($"The largest batch is {options.MaxBatch}, but it must be at least 1.");
        }

        Writing = new SharedWriting(options.MaxBatch, changed);
        Denoising = new SharedDenoising(options.MaxBatch);
        long capacity = options.MemoryBudget is { } budget ? budget - Math.Min(ActivationBytes, budget / 2) : long.MaxValue;
        Cache = new StageCache(capacity, changed);
        CacheFolder = options.CacheFolder
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "nexusgen");
        Eye = Of("vision encoder", files.VisionPart, _dense);
        LanguageModel = Of("language model", files.LanguageModelPart, _dense);
        Encoder = Of("autoencoder (encoder)", files.EncoderHalfPart, _dense);
        Decoder = Of("autoencoder", files.DecoderHalfPart, _dense);
        GenerationDecoder = Painter(
            "generation decoder", files.AdapterPart, files.FluxPart(files.Paths.GenerationDecoder), decoder,
            (adapter, flux) => new GenerationDecoder(adapter, flux, files.Configuration.GenerationDecoder.TextIds));
        EditingDecoder = Painter(
            "editing decoder", files.MergerPart, files.FluxPart(files.Paths.EditingDecoder), decoder,
            (merger, flux) => new EditingDecoder(merger, flux));
        Prompts = new Stage<PromptEncoderLease>(
            "text encoders",
            () => Math.Max(files.T5Part.Measure(_dense).Total, files.ClipPart.Measure(_dense).Total),
            bytes => new PromptEncoderLease(new PromptEncoder(files, _dense, CacheFolder, bytes)));
    }

    public ModelFiles Files { get; }

    public StageCache Cache { get; }

    public string CacheFolder { get; }

    public Placement Placement => _dense.Placement;

    public Stage<VisionEncoder> Eye { get; }

    public Stage<LanguageModel> LanguageModel { get; }

    public Stage<AutoencoderEncoder> Encoder { get; }

    public Stage<AutoencoderDecoder> Decoder { get; }

    public Stage<PictureDecoder> GenerationDecoder { get; }

    public Stage<PictureDecoder> EditingDecoder { get; }

    public Stage<PromptEncoderLease> Prompts { get; }

    public SharedWriting Writing { get; }

    public SharedDenoising Denoising { get; }

    /// <summary>Checks that a text can be read by CLIP and T5.</summary>
    /// <exception cref="NexusGenException">The model has no text encoders.</exception>
    public void RequireTextEncoders(string text) => new PromptEncoder(Files, _dense, CacheFolder).RequireEncoders(text);

    /// <summary>The stored embeddings of the empty prompt; null where they must be computed.</summary>
    public PromptEmbeddings? StoredEmptyPrompt() => new PromptEncoder(Files, _dense, CacheFolder).ReadEmpty();

    public void Dispose() => Cache.Dispose();

    private static Stage<T> Of<T>(string name, ModelPart<T> part, LoadOptions options)
        where T : Weights.Modules.Module =>
        new(name, () => part.Measure(options).Total, bytes => part.Load(options, bytes));

    private static Stage<PictureDecoder> Painter<T>(
        string name, ModelPart<T> head, ModelPart<FluxTransformer> flux, LoadOptions options, Func<T, FluxTransformer, PictureDecoder> join)
        where T : Weights.Modules.Module
    {
        // The adapter or merger is small: its linear weights keep the decoder's precision, as officially.
        LoadOptions dense = options with { LinearFormat = DenseFormat.Instance };
        long HeadBytes() => head.Measure(dense).Total;
        return new(
            name,
            () => HeadBytes() + flux.Measure(options).Total,
            bytes => join(head.Load(dense), flux.Load(options, bytes == long.MaxValue ? bytes : Math.Max(0, bytes - HeadBytes()))));
    }

    private static ScalarType TypeOf(Precision precision, Precision byModel) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => byModel == Precision.Automatic ? ScalarType.BFloat16 : TypeOf(byModel, Precision.BFloat16),
    };
}
