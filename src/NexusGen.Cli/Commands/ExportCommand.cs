using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Model;
using NexusGen.Training.Stages;
using static TorchSharp.torch;

namespace NexusGen.Cli.Commands;

/// <summary>Puts the weights of a training into a model's folder.</summary>
internal sealed class ExportCommand : NexusGenCommand
{
    private readonly Argument<string> _training = new("TRAINING") { Description = "The training's folder." };
    private readonly Option<string?> _model = OptionOf.Text("--model", "The model's folder, whose weights are replaced.", "FOLDER", "-m");
    private readonly Option<bool> _last = OptionOf.Switch("--last", "The newest weights instead of those of the lowest validation loss.");
    private readonly Option<ScalarType?> _precision = OptionOf.ValueChoice(
        "--precision", "The type to store in. [the training's]", ("float32", ScalarType.Float32), ("bfloat16", ScalarType.BFloat16), ("float16", ScalarType.Float16));

    /// <summary>The command.</summary>
    public ExportCommand(Terminal terminal)
        : base(terminal, "export", "Put a training's weights into a model's folder, finished or not; averaged ones where the training has an average.")
    {
        Arguments.Add(_training);
        Options.Add(_model);
        Options.Add(_last);
        Options.Add(_precision);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples => ["nexusgen export runs/autoencoder --model models/mine --precision bfloat16"];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string training = parsed.GetRequiredValue(_training);
        var model = ModelPaths.Find(parsed.GetValue(_model)
            ?? throw new UsageException($"The model is missing, whose weights are replaced: nexusgen export {training} --model models/mine."));
        foreach (string path in WeightInstallation.Install(training, model, !parsed.GetValue(_last), parsed.GetValue(_precision)))
        {
            output.Line(path);
        }

        return Task.FromResult(ExitCode.Done);
    }
}
