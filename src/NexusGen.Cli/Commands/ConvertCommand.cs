using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Models;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Conversion;

namespace NexusGen.Cli.Commands;

/// <summary>Converts a model or a weight file into another storage.</summary>
internal sealed class ConvertCommand : NexusGenCommand
{
    private readonly Argument<string> _source = new("SOURCE")
    {
        Description = "Model folder, folder of weights, or weight file of any format that is read.",
    };

    private readonly Option<string?> _output = OptionOf.Text("--output", "Folder or file to make. [required]", "PATH", "-o");
    private readonly Option<string?> _type = OptionOf.Text(
        "--to",
        $"Storage: safetensors (bf16, f16, f32, fp8), or GGUF. One of {StorageType.Names}. [required]",
        "TYPE");
    private readonly Option<string[]> _parts = new("--part")
    {
        Description = $"Only this part of a model folder: {string.Join(", ", ModelConversion.Parts)}; repeatable. [all]",
        HelpName = "NAME",
    };
    private readonly Option<string[]> _loras = new("--lora")
    {
        Description = "LoRA file that is added to the weights for good, with its strength after the last =; repeatable.",
        HelpName = "FILE[=STRENGTH]",
    };
    private readonly Option<bool> _dryRun = OptionOf.Switch("--dry-run", "Only print what would be made, with sizes.");
    private readonly Option<bool> _tensors = OptionOf.Switch("--tensors", "Print each tensor with its error.");
    private readonly Option<bool> _noMap = OptionOf.NoMapping();

    /// <summary>Initializes the command and its options.</summary>
    public ConvertCommand(Terminal terminal)
        : base(
            terminal,
            "convert",
            "Convert a model, or a weight file, into another storage. An interrupted conversion goes on where it was.")
    {
        Arguments.Add(_source);
        foreach (Option option in (Option[])[_output, _type, _parts, _loras, _dryRun, _tensors, _noMap, CommonOptions.Json()])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen convert models --output models-q4 --to q4_k",
        "nexusgen convert models --output models-fp8 --to fp8 --dry-run",
        "nexusgen convert flux1-dev.safetensors --output flux.gguf --to q8_0",
        "nexusgen convert models --output models-turbo --to bf16 --lora turbo.safetensors=1",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        ConversionRequest request = Request(parsed);
        using ConversionPlan plan = ConversionPlanner.Plan(request);
        var converter = new Converter(plan);
        converter.CheckOutput();
        ConversionResult? result = null;
        if (!parsed.GetValue(_dryRun))
        {
            using var progress = new TransferProgress(Terminal, CommonOptions.IsQuiet(parsed), things: "tensors");
            result = converter.Run(progress, cancellationToken);
            if (result.BeganAnew)
            {
                output.WriteNote("Note: what another conversion into the same place had left was discarded.");
            }
        }

        var report = new ConversionReport(plan, result);
        if (!output.IsJson)
        {
            report.Write(Terminal.Out, Terminal.Width, parsed.GetValue(_tensors));
        }

        JsonObject json = report.Json();
        output.WriteJson(json);
        return Task.FromResult(ExitCode.Success);
    }

    private ConversionRequest Request(ParseResult parsed)
    {
        string source = parsed.GetRequiredValue(_source);
        string target = parsed.GetValue(_output)
            ?? throw new UsageException($"The output is missing: nexusgen convert {source} --output PATH --to q8_0.");
        string word = parsed.GetValue(_type)
            ?? throw new UsageException(
                $"The storage is missing: nexusgen convert {source} --output {target} --to TYPE, one of {StorageType.Names}.");
        StorageType type = StorageType.Find(word, target)
            ?? throw new UsageException($"--to must be one of {StorageType.Names}, not '{word}'.");
        string[] parts = parsed.GetValue(_parts) ?? [];
        return parts.FirstOrDefault(part => !ModelConversion.Parts.Contains(part)) is { } unknown
            ? throw new UsageException($"--part must be one of {string.Join(", ", ModelConversion.Parts)}, not '{unknown}'.")
            : new ConversionRequest(source, target, type)
            {
                Loras = [.. (parsed.GetValue(_loras) ?? []).Select(LoraOptions.Parse)],
                Map = !parsed.GetValue(_noMap),
                Parts = parts,
            };
    }
}
