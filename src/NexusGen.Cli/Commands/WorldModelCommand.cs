using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;

namespace NexusGen.Cli.Commands;

/// <summary>
/// Creates the folder of a model that is trained from scratch: sizes, configurations and a vocabulary, without weights.
/// </summary>
internal sealed class WorldModelCommand : NexusGenCommand
{
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "Folder of the new model; it must not contain a model.",
        "FOLDER", "-o");
    private readonly Option<string?> _like = OptionOf.Text(
        "--like",
        "Model whose sizes are copied, also that of the vocabulary; edit the copied files before the first stage to change "
        + "them. [models/nexus-gen-tiny]",
        "FOLDER");

    private readonly WorldVocabulary _vocabulary;

    /// <summary>Initializes the command and its options.</summary>
    /// <param name="terminal">The standard streams.</param>
    /// <param name="vocabulary">The vocabulary of the world.</param>
    public WorldModelCommand(Terminal terminal, WorldVocabulary vocabulary)
        : base(
            terminal,
            "model",
            "Create the folder of a model to train from scratch: the sizes of another model and a vocabulary.")
    {
        _vocabulary = vocabulary;
        Options.Add(_output);
        Options.Add(_like);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples => [$"nexusgen {_vocabulary.Name} model --output models/mine"];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_output)
            ?? throw new UsageException("The output folder is missing: --output models/mine.");
        NewModel.Create(folder, parsed.GetValue(_like) ?? ModelFinder.FindTiny(), _vocabulary.Write);
        output.WriteLine(folder);
        return Task.FromResult(ExitCode.Success);
    }
}
