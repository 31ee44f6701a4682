using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Export;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Cli.Commands;

/// <summary>Exports the world's data as files in the official format.</summary>
internal sealed class ShapesWorldExportCommand : NexusGenCommand
{
    private readonly Option<string?> _output = OptionOf.Text("--output", "Output folder; it must not exist.", "FOLDER", "-o");
    private readonly Option<int?> _count = OptionOf.Integer("--count", "Samples per task. [1000]", 1, 10_000_000, "-n");
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Seed of the samples. [0]");
    private readonly Option<int?> _side = OptionOf.Integer(
        "--side",
        "Width and height of the images in pixels, a multiple of 112. [112]",
        112, 896);
    private readonly Option<WorldSplit?> _split = OptionOf.ValueChoice(
        "--split",
        "Split of the data. [train]",
        ("train", WorldSplit.Train), ("validation", WorldSplit.Validation), ("test", WorldSplit.Test));

    private readonly Option<TextLanguage?> _language = OptionOf.ValueChoice(
        "--language",
        "Export only this language. [both]",
        ("en", TextLanguage.English), ("zh", TextLanguage.Chinese));

    /// <summary>Initializes the command and its options.</summary>
    public ShapesWorldExportCommand(Terminal terminal)
        : base(
            terminal,
            "export",
            "Export the data in the official format: JSON Lines, images, a data card, and world.json.")
    {
        foreach (Option option in (Option[])[_output, _count, _seed, _side, _split, _language])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen shapesworld export --output world --count 5000",
        "nexusgen shapesworld export --output world-test --split test --language zh"
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_output) ?? throw new UsageException("The output folder is missing: --output world.");
        var options = new ExportOptions
        {
            Samples = parsed.GetValue(_count) ?? 1000,
            Seed = parsed.GetValue(_seed) ?? 0,
            Side = parsed.GetValue(_side) ?? 112,
            Split = parsed.GetValue(_split) ?? WorldSplit.Train,
            Language = parsed.GetValue(_language),
        };
        try
        {
            await Task.Run(
                () => WorldExport.Write(folder, options, cancellationToken: cancellationToken),
                CancellationToken.None);
        }
        catch (WorldException e)
        {
            throw new NexusGenException(e.Message, e);
        }

        output.WriteLine(folder);
        return ExitCode.Success;
    }
}
