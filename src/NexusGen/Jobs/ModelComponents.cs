using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Engine;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Torch;
using NexusGen.Weights.Modules;

namespace NexusGen.Jobs;

/// <summary>
/// The components of one open model. This is the only class that chooses the device, the precision and the storage format of
/// each.
/// </summary>
internal sealed class ModelComponents : IDisposable
{
    // The memory of activations, the key-value cache and libtorch itself, beside the weights, at the official sizes.
    private const long ActivationBytes = 2_000_000_000;

    // LoRA files that no request is using stay in memory up to this limit; with a memory budget, up to a share of it.
    private const long IdleLoraBytes = 2_000_000_000, IdleLoraShare = 8;

    private readonly LoadOptions _dense, _textEncoders;
    private readonly MergedLoras _merged;

    /// <summary>Initializes the components of a model that was opened with options.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="options">The options.</param>
    /// <param name="changed">Called when a waiting job should try again.</param>
    /// <exception cref="NexusGenException">An option is out of range.</exception>
    public ModelComponents(ModelFiles files, NexusGenOptions options, Action changed)
        : this(
            files, DenseOptions(files, options), options.Weights, Capacity(options), MaxBatch(options), changed,
            options.MergedLoras)
    {
        ParseSpecialTokens = options.ParseSpecialTokens;
        CacheFolder = options.CacheFolder ?? Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "nexusgen");
    }

    /// <summary>Initializes the components of a model with explicit options. Nothing is stored in the model's folder.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="dense">How the components are loaded.</param>
    /// <param name="formats">How linear layers are stored.</param>
    /// <param name="capacity">The number of bytes that the loaded components may take.</param>
    /// <param name="maxBatch">The largest batch.</param>
    /// <param name="changed">Called when a waiting job should try again.</param>
    /// <param name="merged">The LoRA files that are folded into the weights, or null for none.</param>
    public ModelComponents(
        ModelFiles files,
        LoadOptions dense,
        WeightFormats formats,
        long capacity,
        int maxBatch,
        Action changed,
        IReadOnlyList<LoraSettings>? merged = null)
    {
        Files = files;
        LoraTargets = new LoraTargets(files);
        _merged = new MergedLoras(LoraTargets, merged ?? []);
        _dense = dense;
        LoadOptions decoder = dense with { LinearFormat = formats.Decoders };
        _textEncoders = dense with { LinearFormat = formats.TextEncoders };
        ContinuousBatcher = new ContinuousBatcher(maxBatch, changed);
        DenoisingBatcher = new DenoisingBatcher(maxBatch);
        Cache = new ComponentCache(capacity, changed);
        Loras = new LoraCache(
            dense.Placement.Device,
            capacity == long.MaxValue ? IdleLoraBytes : Math.Min(IdleLoraBytes, capacity / IdleLoraShare),
            Cache.Reserve);
        VisionEncoder = Of("vision encoder", files.VisionPart, _dense, () => _merged.VisionEncoder);
        LanguageModel = Of(
            "language model", files.LanguageModelPart, dense with { LinearFormat = formats.LanguageModel },
            () => _merged.LanguageModel);
        AutoencoderEncoder = Of("autoencoder (encoder)", files.AutoencoderEncoderPart, _dense);
        AutoencoderDecoder = Of("autoencoder", files.AutoencoderDecoderPart, _dense);
        GenerationDecoder = DecoderComponent(
            "generation decoder", files.AdapterPart, files.FluxPart(files.Paths.GenerationDecoder), decoder,
            () => _merged.GenerationDecoder,
            (adapter, flux) => new GenerationDecoder(
                adapter, flux, files.Configuration.GenerationDecoder.TextIds, files.LanguageModel.Vision.SpatialMergeSize));
        EditingDecoder = DecoderComponent(
            "editing decoder", files.MergerPart, files.FluxPart(files.Paths.EditingDecoder), decoder,
            () => _merged.EditingDecoder,
            (merger, flux) => new EditingDecoder(merger, flux));
        TextEncoders = new Component<TextEncoders>(
            "text encoders",
            () => Math.Max(files.T5Part.Measure(_textEncoders).Total, files.ClipPart.Measure(_dense).Total),
            bytes => new TextEncoders(Encoders(bytes)));
    }

    public ModelFiles Files { get; }

    public ComponentCache Cache { get; }

    /// <summary>Gets the LoRA files of requests.</summary>
    public LoraCache Loras { get; }

    /// <summary>Gets the parts of the model that LoRA files can change.</summary>
    public LoraTargets LoraTargets { get; }

    /// <summary>Gets the folder for constants that can't be stored beside the model, or null if nothing is stored.</summary>
    public string? CacheFolder { get; private init; }

    /// <summary>
    /// Gets whether special tokens in the texts of requests are tokens, see <see cref="NexusGenOptions.ParseSpecialTokens"/>.
    /// </summary>
    public bool ParseSpecialTokens { get; init; }

    public Placement Placement => _dense.Placement;

    public Component<VisionEncoder> VisionEncoder { get; }

    public Component<LanguageModel> LanguageModel { get; }

    public Component<AutoencoderEncoder> AutoencoderEncoder { get; }

    public Component<AutoencoderDecoder> AutoencoderDecoder { get; }

    public Component<DiffusionDecoder> GenerationDecoder { get; }

    public Component<DiffusionDecoder> EditingDecoder { get; }

    public Component<TextEncoders> TextEncoders { get; }

    public ContinuousBatcher ContinuousBatcher { get; }

    public DenoisingBatcher DenoisingBatcher { get; }

    /// <summary>Checks that a text can be read by CLIP and T5.</summary>
    /// <exception cref="NexusGenException">The model has no text encoders.</exception>
    public void RequireTextEncoders(string text) => Encoders().RequireEncoders(text);

    /// <summary>Reads the stored embeddings of the empty prompt, or returns null if they have to be computed.</summary>
    public PromptEmbeddings? StoredEmptyPrompt() => Encoders().ReadEmpty();

    /// <summary>Loads the LoRA files of a reply and leases them. Call it before a component is leased.</summary>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public Task<LoraLease> AcquireLorasAsync(ReplySettings reply) =>
        Loras.AcquireAsync(() => LoraTargets.Language, reply.Loras);

    /// <summary>Loads the LoRA files of an image and leases them. Call it before a component is leased.</summary>
    /// <exception cref="NexusGenException">A file can't be read or does not fit the model.</exception>
    public Task<LoraLease> AcquireLorasAsync(ImagePlan plan) => Loras.AcquireAsync(
        () => plan.Editing ? LoraTargets.EditingDecoder : LoraTargets.GenerationDecoder, plan.Loras);

    /// <summary>Waits until a component is loaded and leases it.</summary>
    /// <param name="component">The component.</param>
    /// <param name="job">The job that waits.</param>
    /// <param name="progress">Receives the begin and the end of loading, if the component was not loaded.</param>
    /// <returns>The lease. A job must not wait for a second component while it holds one.</returns>
    /// <exception cref="NexusGenException">The component can't be loaded.</exception>
    public async Task<ComponentLease<T>> AcquireAsync<T>(
        Component<T> component, JobContext job, IProgress<ProgressReport>? progress)
        where T : class, IDisposable
    {
        if (Cache.TryAcquire(component) is { } loaded)
        {
            return loaded;
        }

        progress?.Report(new ProgressReport(ProgressPhase.Loading, 0, 1, component.Name));
        while (true)
        {
            await job.WaitForChange();
            if (Cache.TryAcquire(component) is { } lease)
            {
                progress?.Report(new ProgressReport(ProgressPhase.Loading, 1, 1, component.Name));
                return lease;
            }
        }
    }

    public void Dispose()
    {
        Cache.Dispose();
        Loras.Dispose();
        _merged.Dispose();
    }

    private FluxTextEncoders Encoders(long budget = long.MaxValue) =>
        new(Files, _textEncoders, CacheFolder, budget)
        {
            Stores = CacheFolder is not null,
            ParseSpecialTokens = ParseSpecialTokens,
        };

    private static LoadOptions DenseOptions(ModelFiles files, NexusGenOptions options) =>
        new(Placement.Open(options.Device, options.Precision, files.Configuration.Defaults.Precision));

    private static long Capacity(NexusGenOptions options)
    {
        if (options.MemoryBudget is not { } budget)
        {
            return long.MaxValue;
        }

        return budget > 0
            ? budget - Math.Min(ActivationBytes, budget / 2)
            : throw new NexusGenException($"The memory budget is {budget} bytes, but it must be more than nothing.");
    }

    private static int MaxBatch(NexusGenOptions options) => options.MaxBatch >= 1
        ? options.MaxBatch
        : throw new NexusGenException($"The largest batch is {options.MaxBatch}, but it must be at least 1.");

    private static Component<T> Of<T>(
        string name, ModelPart<T> part, LoadOptions options, Func<LinearDeltas?>? merged = null)
        where T : Weights.Modules.Module =>
        new(
            name,
            () => part.Measure(options).Total,
            bytes => part.Load(options with { Merged = merged?.Invoke() }, bytes));

    private static Component<DiffusionDecoder> DecoderComponent<T>(
        string name,
        ModelPart<T> head,
        ModelPart<FluxTransformer> flux,
        LoadOptions options,
        Func<LinearDeltas?> merged,
        Func<T, FluxTransformer, DiffusionDecoder> join)
        where T : Weights.Modules.Module
    {
        // The adapter or merger is small: its linear layers keep the decoder's precision, as in the official code.
        LoadOptions dense = options with { LinearFormat = DenseFormat.Instance };
        long HeadBytes() => head.Measure(dense).Total;
        return new(
            name,
            () => HeadBytes() + flux.Measure(options).Total,
            bytes => join(
                head.Load(dense),
                flux.Load(
                    options with { Merged = merged() },
                    bytes == long.MaxValue ? bytes : Math.Max(0, bytes - HeadBytes()))));
    }
}
