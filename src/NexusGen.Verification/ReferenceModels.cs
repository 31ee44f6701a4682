using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Weights.Modules;

namespace NexusGen.Verification;

/// <summary>
/// The models and tokenizers of a folder of reference cases. Each is loaded once, when the first case needs it.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="options">How the models are loaded.</param>
internal sealed class ReferenceModels(string root, LoadOptions options) : IDisposable
{
    private readonly InferenceEngine _engine = new();
    private readonly Dictionary<string, ModelFiles> _files = [];
    private readonly Dictionary<string, ModelComponents> _components = [];
    private readonly Dictionary<(string Folder, string Part), IDisposable> _parts = [];
    private readonly Dictionary<string, object> _tokenizers = [];

    public LoadOptions Options => options;

    public ModelFiles Files(ReferenceCase reference)
    {
        string folder = Folder(reference);
        if (!_files.TryGetValue(folder, out ModelFiles? files))
        {
            _files[folder] = files = new ModelFiles(ModelPaths.Find(folder), options.MapFiles);
        }

        return files;
    }

    /// <summary>Gets the components of a case's model, as <see cref="NexusGenModel"/> has them.</summary>
    public ModelComponents Components(ReferenceCase reference)
    {
        string folder = Folder(reference);
        if (!_components.TryGetValue(folder, out ModelComponents? components))
        {
            _components[folder] = components = new ModelComponents(
                Files(reference), options, WeightFormats.Of(options.LinearFormat), long.MaxValue, 1, _engine.Wake)
            {
                ParseSpecialTokens = true,
            };
        }

        return components;
    }

    /// <summary>Runs a job on the engine, as <see cref="NexusGenModel"/> does, and waits for its result.</summary>
    public T Run<T>(Func<JobContext, Task<T>> job) => _engine.RunAsync(job).GetAwaiter().GetResult();

    public ImageProcessor Processor(ReferenceCase reference) => Files(reference).ImageProcessor;

    public VisionEncoder VisionEncoder(ReferenceCase reference) =>
        Part(reference, "vision encoder", files => files.VisionPart.Load(options));

    public LanguageModel LanguageModel(ReferenceCase reference) =>
        Part(reference, "language model", files => files.LanguageModelPart.Load(options));

    public GenerationAdapter Adapter(ReferenceCase reference) =>
        Part(reference, "adapter", files => files.AdapterPart.Load(options));

    public EmbeddingMerger Merger(ReferenceCase reference) => Part(reference, "merger", files => files.MergerPart.Load(options));

    public AutoencoderEncoder AutoencoderEncoder(ReferenceCase reference) =>
        Part(reference, "encoder", files => files.AutoencoderEncoderPart.Load(options));

    public AutoencoderDecoder AutoencoderDecoder(ReferenceCase reference) =>
        Part(reference, "decoder", files => files.AutoencoderDecoderPart.Load(options));

    public ClipTextEncoder Clip(ReferenceCase reference) => Part(reference, "clip", files => files.ClipPart.Load(options));

    public T5Encoder T5(ReferenceCase reference) => Part(reference, "t5", files => files.T5Part.Load(options));

    public FluxTransformer Flux(ReferenceCase reference, string file)
    {
        string path = Path.Combine(Folder(reference), file);
        return Part(reference, file, files => files.FluxPart(path).Load(options));
    }

    /// <summary>Gets the embeddings of a text for FLUX, computed and not read from stored ones.</summary>
    public PromptEmbeddings Prompt(ReferenceCase reference, string text) =>
        Part(
            reference,
            "prompt " + text,
            files => new FluxTextEncoders(files, options) { ParseSpecialTokens = true }.Compute(text));

    /// <summary>Gets a tokenizer of the folder <c>tokenizers</c>.</summary>
    public T Tokenizer<T>(string name, Func<string, T> load)
        where T : class
    {
        if (!_tokenizers.TryGetValue(name, out object? tokenizer))
        {
            _tokenizers[name] = tokenizer = load(Path.Combine(root, "tokenizers", name));
        }

        return (T)tokenizer;
    }

    public void Dispose()
    {
        _engine.Dispose();
        foreach (IDisposable part in _components.Values.Concat(_parts.Values).Concat(_files.Values))
        {
            part.Dispose();
        }
    }

    private string Folder(ReferenceCase reference) => Path.Combine(
        root, reference.Model ?? throw new NexusGenException($"{reference.Kind}/{reference.Name} names no model."));

    private T Part<T>(ReferenceCase reference, string name, Func<ModelFiles, T> load)
        where T : class, IDisposable
    {
        (string, string) key = (Folder(reference), name);
        if (!_parts.TryGetValue(key, out IDisposable? part))
        {
            _parts[key] = part = load(Files(reference));
        }

        return (T)part;
    }
}
