using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Text;

namespace NexusGen.Cli.Training;

/// <summary>
/// Creates the folder of a model that is trained from scratch: sizes, configurations and a vocabulary, without weights.
/// </summary>
internal static class NewModel
{
    private static readonly string[] LanguageModelFiles =
    [
        "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json", "chat_template.json",
        "chat_template.jinja",
    ];

    /// <summary>Creates the folder.</summary>
    /// <param name="folder">The folder; it must not contain a model.</param>
    /// <param name="sizes">The folder of the model whose sizes are copied.</param>
    /// <param name="writeVocabulary">
    /// Writes the vocabulary; receives the folder of the language model and the number of tokens before the special ones.
    /// </param>
    /// <exception cref="NexusGenException">The folder contains a model already, or the other has no files.</exception>
    public static void Create(string folder, string sizes, Action<string, int> writeVocabulary)
    {
        ModelPaths like = ModelPaths.Find(sizes);
        string languageModel = Path.Combine(folder, ModelPaths.LanguageModelFolder);
        if (File.Exists(Path.Combine(languageModel, "config.json")))
        {
            throw new NexusGenException($"{folder} already contains a model; choose another folder.");
        }

        // The special tokens follow the others and keep the ids that the configuration names.
        using (var files = new ModelFiles(like))
        {
            writeVocabulary(languageModel, files.Tokenizer.TokenId(SpecialTokens.EndOfText));
        }

        Copy(like.Configuration, folder);
        foreach (string name in LanguageModelFiles)
        {
            Copy(Path.Combine(like.LanguageModel, name), languageModel);
        }
    }

    private static void Copy(string file, string folder)
    {
        if (File.Exists(file))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }
    }
}
