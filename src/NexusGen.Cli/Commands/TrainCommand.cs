using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Logging;
using NexusGen.Training.Stages;

namespace NexusGen.Cli.Commands;

/// <summary>Trains a part of a model: one stage, resumable.</summary>
internal sealed class TrainCommand : NexusGenCommand
{
    private readonly Argument<string> _stage = new("STAGE")
    {
        Description = string.Join("; ", TrainingStage.All.Select(stage => $"{stage.Name}: {stage.Description}")) + ".",
    };

    private readonly Option<string?> _configuration = OptionOf.Text("--config", "The configuration, YAML; the defaults where none is given.", "FILE", "-c");
    private readonly Option<string?> _model = OptionOf.Text("--model", "The model's folder: its sizes, and the weights of the parts that are there already; the trained weights go there at the end.", "FOLDER", "-m");
    private readonly Option<string?> _output = OptionOf.Text("--output", "The training's folder: checkpoints, metrics, report.", "FOLDER", "-o");
    private readonly Option<string[]> _set = new("--set") { Description = "A value that stands above the configuration's: key=value.", HelpName = "KEY=VALUE", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _device = OptionOf.Device();
    private readonly Option<bool> _resume = OptionOf.Switch("--resume", "Go on from the last checkpoint; the losses are those of a training that was never stopped.");
    private readonly Option<bool> _defaults = OptionOf.Switch("--defaults", "Print the configuration with every default, and do nothing else.");
    private readonly Option<bool> _keep = OptionOf.Switch("--no-install", "Leave the model's folder as it is when the training is finished.");

    /// <summary>The command.</summary>
    public TrainCommand(Terminal terminal)
        : base(terminal, "train", "Train a part of a model, from nothing or from its weights. Ctrl-C stops after the batch; --resume goes on.")
    {
        Arguments.Add(_stage);
        Options.Add(_configuration);
        Options.Add(_model);
        Options.Add(_output);
        Options.Add(_set);
        Options.Add(_device);
        Options.Add(_resume);
        Options.Add(_defaults);
        Options.Add(_keep);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen train autoencoder --model models/mine --config training/autoencoder.yaml --output runs/autoencoder",
        "nexusgen train autoencoder --model models/mine --config training/autoencoder.yaml --output runs/autoencoder --resume",
        "nexusgen train autoencoder --defaults > mine.yaml",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string name = parsed.GetRequiredValue(_stage);
        TrainingStage stage = TrainingStage.All.FirstOrDefault(stage => stage.Name == name)
            ?? throw new UsageException($"There is no stage '{name}': {string.Join(", ", TrainingStage.All.Select(stage => stage.Name))}.");
        if (parsed.GetValue(_defaults))
        {
            Terminal.Out.Write(stage.DefaultConfiguration);
            return Task.FromResult(ExitCode.Done);
        }

        var request = new StageRequest
        {
            Model = ModelPaths.Find(parsed.GetValue(_model)
                ?? throw new UsageException($"The model is missing, whose weights are trained and then replaced: nexusgen train {name} --model models/mine.")),
            ConfigurationFile = parsed.GetValue(_configuration),
            Changes = parsed.GetValue(_set) ?? [],
            Folder = parsed.GetValue(_output) ?? throw new UsageException($"The training's folder is missing: nexusgen train {name} --output runs/{name}."),
            Device = Devices.Open(parsed.GetValue(_device) ?? "cpu"),
            Resume = parsed.GetValue(_resume),
            Install = !parsed.GetValue(_keep),
            Worlds = WorldData.Open,
            Console = CommonOptions.IsQuiet(parsed) ? null : Terminal.Out,
        };

        // On this thread, the program's first: its memory is the one heap that glibc does not part into pieces of 64 MB, which big
        // tensors leave and take all the time.
        TrainingReport report = stage.Run(request, cancellationToken);
        if (!report.Finished)
        {
            output.Note($"stopped; go on with: nexusgen train {name} … --output {request.Folder} --resume");
        }

        return Task.FromResult(report.Finished ? ExitCode.Done : ExitCode.Cancelled);
    }
}
