using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Inspection;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;

namespace NexusGen.Cli.Commands;

/// <summary>Lists the tensors of weight files without loading them, or the parameters that an image was generated with.</summary>
internal sealed class InspectCommand : NexusGenCommand
{
    private readonly Argument<string> _path = new("FILE")
    {
        Description = "Weight file (.safetensors, .gguf, .bin, .pt, .pth), index, folder of weight files, or image.",
    };

    /// <summary>Initializes the command and its options.</summary>
    public InspectCommand(Terminal terminal)
        : base(
            terminal,
            "inspect",
            "List the tensors of weight files without loading them, or show the generation parameters of an image.")
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
        if (ImageReport.IsImage(path))
        {
            ImageReport.Tell(path, output);
        }
        else
        {
            var weights = WeightList.Read(path, cancellationToken);
            if (output.IsJson)
            {
                output.WriteJson(weights.Json());
            }
            else
            {
                weights.Write(Terminal.Out);
            }
        }

        return Task.FromResult(ExitCode.Success);
    }
}
