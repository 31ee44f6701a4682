using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Text;

namespace NexusGen.Cli.Commands;

/// <summary>Makes the folder that a training from nothing begins with: sizes, configurations and a vocabulary, without weights.</summary>
internal sealed class ShapesWorldModelCommand : NexusGenCommand
{
    private static readonly string[] LanguageModelFiles = ["config.json", "generation_config.json", "preprocessor_config.json", "chat_template.json"];

    private readonly Option<string?> _output = OptionOf.Text("--output", "The model's folder; it must hold no model yet.", "FOLDER", "-o");
    private readonly Option<string?> _like = OptionOf.Text("--like", "The model whose sizes it gets; they can be changed in its files before the first stage. [models/nexus-gen-tiny]", "FOLDER");

    /// <summary>The command.</summary>
    public ShapesWorldModelCommand(Terminal terminal)
        : base(terminal, "model", "Begin a small model from nothing: a folder with the sizes of another one and a vocabulary, ready to be trained.")
    {
        Options.Add(_output);
        Options.Add(_like);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples => ["nexusgen shapesworld model --output models/mine"];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_output) ?? throw new UsageException("The folder is missing: --output models/mine.");
        ModelPaths like = ModelPaths.Find(parsed.GetValue(_like) ?? ModelFinder.FindTiny());
        string languageModel = Path.Combine(folder, ModelPaths.LanguageModelFolder);
        if (File.Exists(Path.Combine(languageModel, "config.json")))
        {
            throw new NexusGenException($"{folder} holds a model already: name another folder.");
        }

        // The special tokens come behind the others, so that they keep the ids that the configuration names.
        using (var files = new ModelFiles(like))
        {
            WorldVocabulary.Write(languageModel, files.Tokenizer.TokenId(SpecialTokens.EndOfText));
        }

        Copy(like.Configuration, folder);
        foreach (string name in LanguageModelFiles)
        {
            Copy(Path.Combine(like.LanguageModel, name), languageModel);
        }

        output.Line(folder);
        return Task.FromResult(ExitCode.Done);
    }

    private static void Copy(string file, string folder)
    {
        if (File.Exists(file))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }
    }
}
