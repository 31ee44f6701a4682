using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Models;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Cli.Commands;

/// <summary>Says before anything is loaded whether a model is whole, and what it takes on this machine.</summary>
internal sealed class DoctorCommand : NexusGenCommand
{
    private readonly Option<string?> _model = OptionOf.Text("--model", "Model folder. [found in models/]", "FOLDER", "-m");
    private readonly Option<string?> _device = OptionOf.Device();
    private readonly Option<bool> _deep = OptionOf.Switch(
        "--deep", "Compute the checksums of fetched files too; reads all of them.");
    private readonly Option<bool> _noMeasurement = OptionOf.Switch(
        "--no-measurement", "Don't measure the speed, which takes a few seconds.");

    /// <summary>Initializes the command and its options.</summary>
    public DoctorCommand(Terminal terminal)
        : base(
            terminal,
            "doctor",
            "Check the files of a model, and tell how much memory and time it takes on this machine. Exit code 1 if it is not "
            + "whole.")
    {
        foreach (Option option in (Option[])[_model, _device, _deep, _noMeasurement, CommonOptions.Json()])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
        ["nexusgen doctor", "nexusgen doctor --model models --deep", "nexusgen doctor --json --no-measurement"];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetValue(_model) ?? FindModel();
        var found = Diagnosis.Of(folder, parsed.GetValue(_device) ?? "cpu", !parsed.GetValue(_noMeasurement));
        (IReadOnlyList<string> wrong, int count) = parsed.GetValue(_deep)
            ? await DeepCheck.RunAsync(found.Parts.SelectMany(part => part.Files).Distinct(), cancellationToken)
            : ([], 0);
        if (parsed.GetValue(_deep))
        {
            output.WriteLine($"{count} files have a known checksum; {(wrong.Count == 0 ? "all are right" : "wrong ones: ")}"
                + $"{string.Join(", ", wrong)}.");
        }

        bool isWhole = found.IsWhole && wrong.Count == 0;
        Write(found, isWhole, output);
        JsonObject json = Json(found);
        json["whole"] = isWhole;
        json["checksums"] = parsed.GetValue(_deep)
            ? new JsonObject { ["checked"] = count, ["wrong"] = new JsonArray([.. wrong.Select(file => (JsonNode)file)]) }
            : null;
        output.WriteJson(json);
        return isWhole ? ExitCode.Success : ExitCode.Failed;
    }

    // Without a model there is still a machine to tell about, and the command that fetches a model.
    private static string FindModel()
    {
        try
        {
            return ModelFinder.Find();
        }
        catch (NexusGenException)
        {
            return "models";
        }
    }

    private static string Remedy(Diagnosis found) => $"nexusgen pull --model {found.Folder}";

    private static string Minutes(double minutes) => minutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(minutes * 60):0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{minutes:0} min");

    private static void Write(Diagnosis found, bool isWhole, CommandOutput output)
    {
        output.WriteLine($"Model: {found.Folder}");
        foreach (PartCheck part in found.Parts)
        {
            string state = part.IsWhole ? "whole" : part.IsThere ? "damaged" : "missing";
            string types = string.Join(", ", part.Types.OrderByDescending(type => type.Value).Select(type => type.Key).Take(3));
            string size = part.Bytes > 0 ? ByteSize.Format(part.Bytes) : "";
            output.WriteLine($"  {part.Name,-20} {state,-8} {size,10}  {types}".TrimEnd());
            if (part.Problem is { } problem)
            {
                output.WriteLine($"    {VisibleText.Of(problem)}");
            }
        }

        output.WriteLine(isWhole
            ? "The model is whole."
            : $"The model is not whole; for the official one, fetch what is missing: {Remedy(found)}");
        MachineFacts machine = found.Machine;
        output.WriteLine($"Machine: {machine.Cores} processors, {string.Join(", ", machine.Instructions)}; "
            + $"{ByteSize.Format(machine.Memory)} memory{(machine.HasLimit ? " (limit of the container)" : "")}, "
            + $"{ByteSize.Format(machine.Available)} free; devices: {string.Join(", ", machine.Devices)}.");
        output.WriteLine($"Computes on: {found.Placement}");
        foreach (FormatEstimate format in found.Formats)
        {
            string parts = string.Join(", ", format.Parts.Select(part => $"{part.Part} {ByteSize.Format(part.Bytes)}"));
            string time = format.Minutes is { } minutes ? $", roughly {Minutes(minutes)} for an image ({found.Image})" : "";
            output.WriteLine($"  --weights {format.Name}: {ByteSize.Format(format.Bytes)} with activations{time}");
            output.WriteLine($"    {parts}");
        }

        if (found.Advice() is { } advice)
        {
            output.WriteLine($"Choose: {advice}");
        }
    }

    private static JsonObject Json(Diagnosis found) => new()
    {
        ["model"] = found.Folder,
        ["parts"] = new JsonArray([
            .. found.Parts.Select(part => new JsonObject
            {
                ["name"] = part.Name,
                ["path"] = part.Path,
                ["there"] = part.IsThere,
                ["whole"] = part.IsWhole,
                ["problem"] = part.Problem,
                ["bytes"] = part.Bytes,
                ["types"] = new JsonObject(part.Types.Select(type => KeyValuePair.Create(type.Key, (JsonNode?)type.Value))),
            })
        ]),
        ["remedy"] = found.IsWhole ? null : Remedy(found),
        ["machine"] = new JsonObject
        {
            ["processors"] = found.Machine.Cores,
            ["instructions"] = new JsonArray([.. found.Machine.Instructions.Select(set => (JsonNode)set)]),
            ["memory"] = found.Machine.Memory,
            ["memory_free"] = found.Machine.Available,
            ["memory_limited"] = found.Machine.HasLimit,
            ["devices"] = new JsonArray([.. found.Machine.Devices.Select(device => (JsonNode)device)]),
        },
        ["computes"] = found.Placement,
        ["image"] = found.Image,
        ["formats"] = new JsonArray([
            .. found.Formats.Select(format => new JsonObject
            {
                ["weights"] = format.Name,
                ["bytes"] = format.Bytes,
                ["parts"] = new JsonObject(
                    format.Parts.Select(part => KeyValuePair.Create(part.Part, (JsonNode?)part.Bytes))),
                ["operations_per_second"] = format.Operations,
                ["minutes"] = format.Minutes,
            })
        ]),
        ["advice"] = found.Advice(),
    };
}
