using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Training.Verification;
using NexusGen.Verification;

namespace NexusGen.Cli.Commands;

/// <summary>Computes the reference cases of a folder and compares the results with those of the official code.</summary>
internal sealed class VerifyCommand : NexusGenCommand
{
    private readonly Argument<string> _folder = new("FOLDER")
    {
        Description = "Folder with reference cases (cases/KIND/NAME/case.json)."
    };
    private readonly Option<string?> _write = OptionOf.Text(
        "--write",
        "Write the computed results to this folder as KIND/NAME/.",
        "FOLDER");
    private readonly ComputeOptions _compute = new();

    /// <summary>Initializes the command and its options.</summary>
    public VerifyCommand(Terminal terminal)
        : base(
            terminal,
            "verify",
            "Compare the results of this machine with those of the official code; fails if a case fails. Uses float32 unless "
            + "--precision is given.")
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
            throw new NexusGenException($"The folder {folder} does not exist.");
        }

        _compute.ApplyThreads(parsed);
        string? writeTo = parsed.GetValue(_write);
        using OutputFolder? target = writeTo is null ? null : new OutputFolder(writeTo);
        var verifier = new Verifier(new VerifierOptions
        {
            Device = _compute.Device(parsed),
            Precision = _compute.Precision(parsed),
            LinearFormat = _compute.Weights(parsed).Decoders,
            MapWeights = _compute.MapWeights(parsed),
            Kinds = [CaseKinds.Inference, CaseKinds.WeightFormats, CaseKinds.LoraFiles, TrainingCaseKinds.All],
            WriteTo = writeTo,
        });

        // Runs on another thread so that Ctrl-C is handled while a case is computed.
        return await Task.Run(() => Tell(verifier.Verify(folder, cancellationToken), output), CancellationToken.None);
    }

    private static int Tell(IEnumerable<CaseResult> results, CommandOutput output)
    {
        var counts = new Dictionary<Verdict, int>();
        var cases = new JsonArray();
        foreach (CaseResult result in results)
        {
            output.WriteLine(result.ToString());
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
        output.WriteLine($"{passed} passed, {failed} failed");
        output.WriteJson(new JsonObject { ["passed"] = passed, ["failed"] = failed, ["cases"] = cases });
        return failed > 0 ? ExitCode.Failed : ExitCode.Success;
    }
}
