using NexusGen.Core;

namespace NexusGen.Model;

/// <summary>
/// Where each file of a model lies. The official layout is a root with <c>Nexus-GenV2/</c> and <c>FLUX/FLUX.1-dev/</c> below
/// it; every part can be named by itself instead. Nothing is opened here.
/// </summary>
public sealed record ModelPaths
{
    /// <summary>The language model's folder in the official layout.</summary>
    public const string LanguageModelFolder = "Nexus-GenV2";

    private const string FluxFolder = "FLUX/FLUX.1-dev";

    /// <summary>The root of the layout.</summary>
    public required string Root { get; init; }

    /// <summary>The folder of the language model: config.json, tokenizer, safetensors shards.</summary>
    public required string LanguageModel { get; init; }

    /// <summary>The generation decoder: <c>generation_decoder.bin</c>, or safetensors of the same name, one file or the index of several.</summary>
    public required string GenerationDecoder { get; init; }

    /// <summary>The editing decoder: <c>edit_decoder.bin</c>, or safetensors of the same name, one file or the index of several.</summary>
    public required string EditingDecoder { get; init; }

    /// <summary>FLUX's folder: <c>ae.safetensors</c>, <c>text_encoder/</c>, <c>text_encoder_2/</c> and their tokenizers.</summary>
    public required string Flux { get; init; }

    /// <summary>
    /// The weights of language model and vision encoder: one file, the index of several, or the folder whose shards they are.
    /// </summary>
    /// <remarks>Beside decoders that are safetensors too, a folder would not say which files are meant.</remarks>
    public string LanguageModelWeights => Safetensors(LanguageModel, "model") ?? LanguageModel;

    /// <summary>The autoencoder.</summary>
    public string Autoencoder => Path.Combine(Flux, "ae.safetensors");

    /// <summary>FLUX itself, as black-forest-labs published it. The decoders hold their own; nothing but a check reads this one.</summary>
    public string FluxTransformer => Path.Combine(Flux, "flux1-dev.safetensors");

    /// <summary>The folder of CLIP's text encoder.</summary>
    public string Clip => Path.Combine(Flux, "text_encoder");

    /// <summary>The folder of CLIP's vocabulary.</summary>
    public string ClipTokenizer => Path.Combine(Flux, "tokenizer");

    /// <summary>The folder of T5's encoder.</summary>
    public string T5 => Path.Combine(Flux, "text_encoder_2");

    /// <summary>The folder of T5's vocabulary.</summary>
    public string T5Tokenizer => Path.Combine(Flux, "tokenizer_2");

    /// <summary>The sizes of a model that is not the official one; may be missing.</summary>
    public string Configuration => Path.Combine(Root, "nexus-gen.json");

    /// <summary>The stored embeddings of the empty prompt; may be missing.</summary>
    public string EmptyPrompt => Path.Combine(Root, "empty-prompt.safetensors");

    /// <summary>Finds the parts of a model.</summary>
    /// <param name="path">The root of the layout, or its <c>Nexus-GenV2</c> folder.</param>
    /// <param name="elsewhere">Parts that lie elsewhere; none where null.</param>
    /// <exception cref="NexusGenException">There is no such folder, or no language model in it.</exception>
    public static ModelPaths Find(string path, ModelPathOverrides? elsewhere = null)
    {
        elsewhere ??= new ModelPathOverrides();
        string given = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(given))
        {
            throw new NexusGenException($"There is no folder {path}: name the folder that holds {LanguageModelFolder}/ and {FluxFolder}/.");
        }

        bool isLanguageModel = File.Exists(Path.Combine(given, "config.json"));
        string root = isLanguageModel ? Path.GetDirectoryName(given) ?? given : given;
        string languageModel = elsewhere.LanguageModel ?? (isLanguageModel ? given : Path.Combine(root, LanguageModelFolder));
        if (!File.Exists(Path.Combine(languageModel, "config.json")))
        {
            throw new NexusGenException(
                $"{path} holds no model: {Path.Combine(languageModel, "config.json")} is missing. The official layout has {LanguageModelFolder}/ and {FluxFolder}/ side by side.");
        }

        return new ModelPaths
        {
            Root = root,
            LanguageModel = languageModel,
            GenerationDecoder = elsewhere.GenerationDecoder ?? Decoder(languageModel, "generation_decoder"),
            EditingDecoder = elsewhere.EditingDecoder ?? Decoder(languageModel, "edit_decoder"),
            Flux = FluxBelow(elsewhere.Flux ?? root),
        };
    }

    private static string Decoder(string folder, string name) => Safetensors(folder, name) ?? Path.Combine(folder, name + ".bin");

    // What a training wrote: one file, or several and their index.
    private static string? Safetensors(string folder, string name)
    {
        string whole = Path.Combine(folder, name + ".safetensors"), index = whole + ".index.json";
        return File.Exists(whole) ? whole : File.Exists(index) ? index : null;
    }

    // The official option names the folder above FLUX/FLUX.1-dev; the folder itself is understood too.
    private static string FluxBelow(string folder) =>
        File.Exists(Path.Combine(folder, "ae.safetensors")) ? folder : Path.Combine(folder, "FLUX", "FLUX.1-dev");
}
