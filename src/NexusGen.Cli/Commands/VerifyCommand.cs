using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Training.Verification;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Cli.Commands;

/// <summary>Computes the reference cases of a folder and tells which agree with what the official code gives.</summary>
internal sealed class VerifyCommand : NexusGenCommand
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "A folder with cases/KIND/NAME/case.json in it." };
    private readonly Option<string?> _write = OptionOf.Text(
        "--write",
        "Store what was computed in this folder, as KIND/NAME/.",
        "FOLDER");
    private readonly ComputeOptions _compute = new();

    /// <summary>The command.</summary>
    public VerifyCommand(Terminal terminal)
        : base(terminal, "verify", "Compare this machine's results with those of the official code; fails where a case does. In float32 unless --precision says otherwise.")
    {
        Arguments.Add(_folder);
        Options.Add(_write);
        _compute.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen verify tests/reference",
        "nexusgen verify tests/reference --device cuda --precision bfloat16 --write computed",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string folder = parsed.GetRequiredValue(_folder);
        if (!Directory.Exists(folder))
        {
            throw new NexusGenException($"There is no folder {folder}.");
        }

        _compute.ApplyThreads(parsed);
        string? writeTo = parsed.GetValue(_write);
        using OutputFolder? target = writeTo is null ? null : new OutputFolder(writeTo);
        var verifier = new Verifier(new VerifierOptions
        {
            Load = new LoadOptions(Place(parsed)) { LinearFormat = _compute.Weights(parsed) },
            Kinds = [CaseKinds.Inference, TrainingCaseKinds.All],
            WriteTo = writeTo,
        });

        // Off this thread, so that Ctrl-C is heard while a case is computed.
        return await Task.Run(() => Tell(verifier.Verify(folder, cancellationToken), output), CancellationToken.None);
    }

    private static int Tell(IEnumerable<CaseResult> results, CommandOutput output)
    {
        var counts = new Dictionary<Verdict, int>();
        var cases = new JsonArray();
        foreach (CaseResult result in results)
        {
            output.Line(result.ToString());
            counts[result.Verdict] = counts.GetValueOrDefault(result.Verdict) + 1;
            cases.Add((JsonNode)new JsonObject
            {
                ["kind"] = result.Kind,
                ["name"] = result.Name,
                ["verdict"] = result.Verdict.ToString().ToLowerInvariant(),
                ["error"] = JsonText.Number(result.Error),
                ["reason"] = result.Reason,
            });
        }

        int passed = counts.GetValueOrDefault(Verdict.Passed), failed = counts.GetValueOrDefault(Verdict.Failed);
        output.Line($"{passed} passed, {failed} failed");
        output.Json(new JsonObject { ["passed"] = passed, ["failed"] = failed, ["cases"] = cases });
        return failed > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private Placement Place(ParseResult parsed)
    {
        ScalarType type = _compute.Precision(parsed) switch
        {
            Precision.BFloat16 => ScalarType.BFloat16,
            Precision.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
        return new Placement(Devices.Open(_compute.Device(parsed)), type);
    }
}
