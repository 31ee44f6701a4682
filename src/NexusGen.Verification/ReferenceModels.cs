using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.TextEncoders;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Weights.Modules;

namespace NexusGen.Verification;

/// <summary>The models and vocabularies of a folder of reference cases, each loaded once, when the first case needs it.</summary>
/// <param name="root">The folder.</param>
/// <param name="options">How models are loaded.</param>
internal sealed class ReferenceModels(string root, LoadOptions options) : IDisposable
{
    private readonly Dictionary<string, ModelFiles> _files = [];
    private readonly Dictionary<(string Folder, string Part), IDisposable> _parts = [];
    private readonly Dictionary<string, object> _tokenizers = [];

    public LoadOptions Options => options;

    public ModelFiles Files(ReferenceCase reference)
    {
        string folder = Folder(reference);
        if (!_files.TryGetValue(folder, out ModelFiles? files))
        {
            _files[folder] = files = new ModelFiles(ModelPaths.Find(folder));
        }

        return files;
    }

    public ImageProcessor Processor(ReferenceCase reference) => Files(reference).ImageProcessor;

    public PromptReader Reader(ReferenceCase reference) => new(Files(reference));

    public VisionEncoder Eye(ReferenceCase reference) => Part(reference, "eye", files => files.VisionPart.Load(options));

    public LanguageModel LanguageModel(ReferenceCase reference) => Part(reference, "language model", files => files.LanguageModelPart.Load(options));

    public GenerationAdapter Adapter(ReferenceCase reference) => Part(reference, "adapter", files => files.AdapterPart.Load(options));

    public EmbeddingMerger Merger(ReferenceCase reference) => Part(reference, "merger", files => files.MergerPart.Load(options));

    public AutoencoderEncoder Encoder(ReferenceCase reference) => Part(reference, "encoder", files => files.EncoderHalfPart.Load(options));

    public AutoencoderDecoder Decoder(ReferenceCase reference) => Part(reference, "decoder", files => files.DecoderHalfPart.Load(options));

    public ClipTextEncoder Clip(ReferenceCase reference) => Part(reference, "clip", files => files.ClipPart.Load(options));

    public T5Encoder T5(ReferenceCase reference) => Part(reference, "t5", files => files.T5Part.Load(options));

    public FluxTransformer Flux(ReferenceCase reference, string file)
    {
        string path = Path.Combine(Folder(reference), file);
        return Part(reference, file, files => files.FluxPart(path).Load(options));
    }

    public PictureDecoder Painter(ReferenceCase reference, bool editing)
    {
        string name = editing ? "editing decoder" : "generation decoder";
        return Part<PictureDecoder>(reference, name, files => editing
            ? new EditingDecoder(files.MergerPart.Load(options), files.FluxPart(files.Paths.EditingDecoder).Load(options))
            : new GenerationDecoder(
                files.AdapterPart.Load(options), files.FluxPart(files.Paths.GenerationDecoder).Load(options),
                files.Configuration.GenerationDecoder.TextIds));
    }

    public PromptEmbeddings Prompt(ReferenceCase reference, string text) =>
        Part(reference, "prompt " + text, files => new PromptEncoder(files, options).Compute(text));

    /// <summary>A vocabulary of the folder <c>tokenizers</c>.</summary>
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
        foreach (IDisposable part in _parts.Values.Concat(_files.Values))
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
