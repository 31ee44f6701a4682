using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;

namespace NexusGen.Cli.Commands;

/// <summary>Creates a vocabulary from a world's texts.</summary>
internal sealed class WorldTokenizerCommand : NexusGenCommand
{
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "Output folder: the language model's (Nexus-GenV2).",
        "FOLDER", "-o");
    private readonly Option<int?> _size;
    private readonly WorldVocabulary _vocabulary;

    /// <summary>Initializes the command and its options.</summary>
    /// <param name="terminal">The standard streams.</param>
    /// <param name="vocabulary">The vocabulary of the world.</param>
    public WorldTokenizerCommand(Terminal terminal, WorldVocabulary vocabulary)
        : base(
            terminal,
            "tokenizer",
            "Create a byte-pair vocabulary from the world's texts, for a model that is trained from scratch.")
    {
        _vocabulary = vocabulary;
        _size = OptionOf.Integer(
            "--size", $"Number of tokens before the special tokens. [{vocabulary.Size}]", 256, 100_000);
        Options.Add(_output);
        Options.Add(_size);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
        [$"nexusgen {_vocabulary.Name} tokenizer --output my-model/Nexus-GenV2 --size {_vocabulary.Size}"];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_output)
            ?? throw new UsageException("The output folder is missing: --output my-model/Nexus-GenV2.");
        _vocabulary.Write(folder, parsed.GetValue(_size) ?? _vocabulary.Size);
        output.WriteLine(folder);
        return Task.FromResult(ExitCode.Success);
    }
}
