using System.CommandLine;
using NexusGen.Cli.Options;

namespace NexusGen.Cli.Commands;

/// <summary>Lists the tensors of weight files without loading them.</summary>
internal sealed class InspectCommand : NexusGenCommand
{
    private readonly Argument<string> _path = new("PATH") { Description = "A file of weights (.safetensors, .bin, .pt, .pth) or a folder of them." };

    /// <summary>The command.</summary>
    public InspectCommand(Terminal terminal)
        : base(terminal, "inspect", "List names, shapes, types and sizes of weights without loading them.")
    {
        Arguments.Add(_path);
        Options.Add(CommonOptions.Json);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen inspect models/Nexus-GenV2",
        "nexusgen inspect models/Nexus-GenV2/generation_decoder.bin --json",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken) => throw new NotImplementedException();
}
