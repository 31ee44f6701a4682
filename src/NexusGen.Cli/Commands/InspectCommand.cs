using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Inspection;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;

namespace NexusGen.Cli.Commands;

/// <summary>Lists the tensors of weight files without loading them, or the parameters that a picture was drawn with.</summary>
internal sealed class InspectCommand : NexusGenCommand
{
    private readonly Argument<string> _path = new("FILE")
    {
        Description = "A file of weights (.safetensors, .bin, .pt, .pth), an index, a folder of them, or a picture.",
    };

    /// <summary>The command.</summary>
    public InspectCommand(Terminal terminal)
        : base(terminal, "inspect", "List names, types, shapes and sizes of weights without loading them; of a picture, how it was drawn.")
    {
        Arguments.Add(_path);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen inspect models/Nexus-GenV2",
        "nexusgen inspect models/Nexus-GenV2/generation_decoder.bin --json",
        "nexusgen inspect gen_result.png",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string path = parsed.GetRequiredValue(_path);
        if (PictureReport.IsPicture(path))
        {
            PictureReport.Tell(path, output);
        }
        else
        {
            var weights = WeightList.Read(path, cancellationToken);
            if (output.IsJson)
            {
                output.Json(weights.Json());
            }
            else
            {
                weights.Write(Terminal.Out);
            }
        }

        return Task.FromResult(ExitCode.Done);
    }
}
