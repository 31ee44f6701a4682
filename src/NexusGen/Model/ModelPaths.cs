using NexusGen.Core;
using NexusGen.Weights.Stores;

namespace NexusGen.Model;

/// <summary>
/// The paths of the files of a model. The official layout is a root folder with <c>Nexus-GenV2/</c> and <c>FLUX/FLUX.1-dev/</c>;
/// each component can also be specified separately. No file is opened.
/// </summary>
public sealed record ModelPaths
{
    /// <summary>The name of the folder of the language model in the official layout.</summary>
    public const string LanguageModelFolder = "Nexus-GenV2";

    /// <summary>The names of the files of the decoders, without their endings.</summary>
    internal const string GenerationDecoderName = "generation_decoder", EditingDecoderName = "edit_decoder";

    /// <summary>The names of the files with what a decoder has beside a transformer that is in a GGUF file.</summary>
    internal const string GenerationDecoderRest = "generation_decoder_adapter.safetensors",
        EditingDecoderRest = "edit_decoder_merger.safetensors";

    private const string FluxFolder = "FLUX/FLUX.1-dev";

    /// <summary>Gets the root folder of the layout.</summary>
    public required string Root { get; init; }

    /// <summary>Gets the folder of the language model: config.json, tokenizer, safetensors shards.</summary>
    public required string LanguageModel { get; init; }

    /// <summary>
    /// Gets the file of the generation decoder: <c>generation_decoder.bin</c>, safetensors of the same name, either one file or
    /// the index of several, or a GGUF file with its transformer.
    /// </summary>
    public required string GenerationDecoder { get; init; }

    /// <summary>
    /// Gets the file of the editing decoder: <c>edit_decoder.bin</c>, safetensors of the same name, either one file or the index
    /// of several, or a GGUF file with its transformer.
    /// </summary>
    public required string EditingDecoder { get; init; }

    /// <summary>
    /// Gets the folder of FLUX: <c>ae.safetensors</c>, <c>text_encoder/</c>, <c>text_encoder_2/</c> and their tokenizers.
    /// </summary>
    public required string Flux { get; init; }

    /// <summary>
    /// Gets the weights of language model and vision encoder: one file, the index of several, or the folder of the shards.
    /// </summary>
    /// <remarks>
    /// The names of transformers come first: <c>model.safetensors</c>, <c>pytorch_model.bin</c>, or their indexes. The decoders
    /// can be in the same folder.
    /// </remarks>
    public string LanguageModelWeights => LanguageModelFile ?? CheckpointNames.Find(LanguageModel) ?? LanguageModel;

    /// <summary>Gets the file of the language model if one was named instead of a folder; otherwise, null.</summary>
    internal string? LanguageModelFile { get; init; }

    /// <summary>
    /// Gets the file of the generation decoder in the model folder. It has the adapter for another file with a transformer only.
    /// </summary>
    internal string? OwnGenerationDecoder { get; init; }

    /// <summary>
    /// Gets the file of the editing decoder in the model folder. It has the merger for another file with a transformer only.
    /// </summary>
    internal string? OwnEditingDecoder { get; init; }

    /// <summary>Gets the file of the autoencoder.</summary>
    public string Autoencoder => Path.Combine(Flux, "ae.safetensors");

    /// <summary>
    /// Gets the file of the original FLUX transformer by black-forest-labs. The decoders contain their own; this one is only read
    /// by a check.
    /// </summary>
    public string FluxTransformer => Path.Combine(Flux, "flux1-dev.safetensors");

    /// <summary>Gets the folder of the CLIP text encoder.</summary>
    public string Clip => Path.Combine(Flux, "text_encoder");

    /// <summary>Gets the folder of the CLIP tokenizer.</summary>
    public string ClipTokenizer => Path.Combine(Flux, "tokenizer");

    /// <summary>Gets the folder of the T5 encoder.</summary>
    public string T5 => Path.Combine(Flux, "text_encoder_2");

    /// <summary>Gets the folder of the T5 tokenizer.</summary>
    public string T5Tokenizer => Path.Combine(Flux, "tokenizer_2");

    /// <summary>Gets the file with the sizes of a model that is not the official one. The file is optional.</summary>
    public string Configuration => Path.Combine(Root, "nexus-gen.json");

    /// <summary>Gets the file with the stored embeddings of the empty prompt. The file is optional.</summary>
    public string EmptyPrompt => Path.Combine(Root, "empty-prompt.safetensors");

    /// <summary>Finds the files of a model.</summary>
    /// <param name="path">The root folder of the layout, or its <c>Nexus-GenV2</c> folder.</param>
    /// <param name="elsewhere">The paths of components outside the folder, or null for none.</param>
    /// <exception cref="NexusGenException">The folder doesn't exist, or it contains no language model.</exception>
    public static ModelPaths Find(string path, ModelPathOverrides? elsewhere = null)
    {
        elsewhere ??= new ModelPathOverrides();
        string given = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(given))
        {
            throw new NexusGenException(
                $"The folder {path} does not exist; specify the folder that contains {LanguageModelFolder}/ and {FluxFolder}/.");
        }

        bool isLanguageModel = File.Exists(Path.Combine(given, "config.json"));
        string root = isLanguageModel ? Path.GetDirectoryName(given) ?? given : given;
        string own = isLanguageModel ? given : Path.Combine(root, LanguageModelFolder);
        string? file = File.Exists(elsewhere.LanguageModel) ? elsewhere.LanguageModel : null;
        string languageModel = file is null ? elsewhere.LanguageModel ?? own : FolderFor(file, own);
        if (!File.Exists(Path.Combine(languageModel, "config.json")))
        {
            throw new NexusGenException(
                $"{path} contains no model: {Path.Combine(languageModel, "config.json")} is missing. "
                + $"The official layout has {LanguageModelFolder}/ and {FluxFolder}/ side by side.");
        }

        return new ModelPaths
        {
            Root = root,
            LanguageModel = languageModel,
            LanguageModelFile = file,
            OwnGenerationDecoder = Decoder(languageModel, GenerationDecoderName, GenerationDecoderRest),
            OwnEditingDecoder = Decoder(languageModel, EditingDecoderName, EditingDecoderRest),
            GenerationDecoder = elsewhere.GenerationDecoder
                ?? Decoder(languageModel, GenerationDecoderName, GenerationDecoderName + ".gguf"),
            EditingDecoder = elsewhere.EditingDecoder
                ?? Decoder(languageModel, EditingDecoderName, EditingDecoderName + ".gguf"),
            Flux = FluxBelow(elsewhere.Flux ?? root),
        };
    }

    // A file of weights has its configuration and tokenizer beside it, or else in the model folder.
    private static string FolderFor(string file, string own)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return File.Exists(Path.Combine(folder, "config.json")) ? folder : own;
    }

    // The output of a training, one file or several files with an index, comes before a converted and the official file.
    private static string Decoder(string folder, string name, string converted)
    {
        string path = Path.Combine(folder, name);
        string[] names =
        [
            path + ".safetensors", path + ".safetensors.index.json", Path.Combine(folder, converted), path + ".bin",
            path + ".bin.index.json",
        ];
        return names.FirstOrDefault(File.Exists) ?? path + ".bin";
    }

    // The official option names the parent folder of FLUX/FLUX.1-dev; the folder itself is accepted too.
    private static string FluxBelow(string folder) =>
        File.Exists(Path.Combine(folder, "ae.safetensors")) ? folder : Path.Combine(folder, "FLUX", "FLUX.1-dev");
}
