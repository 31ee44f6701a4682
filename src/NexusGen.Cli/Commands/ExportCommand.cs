using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Model;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Cli.Commands;

/// <summary>Copies the weights of a training to a model's folder.</summary>
internal sealed class ExportCommand : NexusGenCommand
{
    private readonly Argument<string> _training = new("TRAINING") { Description = "Output folder of the training." };
    private readonly Option<string?> _model = OptionOf.Text(
        "--model",
        "Model folder whose weights are replaced.",
        "FOLDER", "-m");
    private readonly Option<bool> _last = OptionOf.Switch(
        "--last",
        "Use the latest weights instead of those with the lowest validation loss.");
    private readonly Option<ScalarType?> _precision = OptionOf.ValueChoice(
        "--precision",
        "Data type of the stored weights. [as trained]",
        ("float32", ScalarType.Float32), ("bfloat16", ScalarType.BFloat16), ("float16", ScalarType.Float16));

    /// <summary>Initializes the command and its options.</summary>
    public ExportCommand(Terminal terminal)
        : base(
            terminal,
            "export",
            "Install the weights of a training, finished or not, in a model folder; averaged weights (EMA) if there are any.")
    {
        Arguments.Add(_training);
        Options.Add(_model);
        Options.Add(_last);
        Options.Add(_precision);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
        ["nexusgen export runs/autoencoder --model models/mine --precision bfloat16"];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string training = parsed.GetRequiredValue(_training);
        var model = ModelPaths.Find(parsed.GetValue(_model)
            ?? throw new UsageException(
                $"The model is missing: nexusgen export {training} --model models/mine."));
        foreach (string path in WeightInstallation.Install(training, model, !parsed.GetValue(_last), parsed.GetValue(_precision)))
        {
            output.WriteLine(path);
        }

        return Task.FromResult(ExitCode.Success);
    }
}
