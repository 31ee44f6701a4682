using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Distributed;
using NexusGen.Training.Logging;
using NexusGen.Training.Stages;

namespace NexusGen.Cli.Commands;

/// <summary>Trains a component of a model in one stage, which can be resumed.</summary>
internal sealed class TrainCommand : NexusGenCommand
{
    private readonly Argument<string> _stage = new("STAGE")
    {
        Description = string.Join("; ", TrainingStage.All.Select(stage => $"{stage.Name}: {stage.Description}")) + ".",
    };

    private readonly Option<string?> _configuration = OptionOf.Text(
        "--config",
        "YAML configuration file. [the defaults]",
        "FILE", "-c");
    private readonly Option<string?> _model = OptionOf.Text(
        "--model",
        "Model folder with the sizes and the weights of existing components; the trained weights are installed there at the end.",
        "FOLDER", "-m");
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "Output folder for checkpoints, metrics and the report.",
        "FOLDER", "-o");
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Override a value of the configuration: key=value; repeatable.",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore
    };
    private readonly Option<string?> _device = OptionOf.Device();
    private readonly Option<bool> _resume = OptionOf.Switch(
        "--resume",
        "Resume from the last checkpoint; the losses are those of an uninterrupted training.");
    private readonly Option<bool> _defaults = OptionOf.Switch(
        "--defaults",
        "Print the configuration with all defaults and exit.");
    private readonly Option<bool> _keep = OptionOf.Switch(
        "--no-install",
        "Do not install the trained weights in the model folder.");

    /// <summary>Initializes the command and its options.</summary>
    public TrainCommand(Terminal terminal)
        : base(
            terminal,
            "train",
            "Train a component from scratch or from its weights. Ctrl-C stops after the current batch; --resume continues.")
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
            ?? throw new UsageException(
                $"Unknown stage '{name}'; choose from {string.Join(", ", TrainingStage.All.Select(stage => stage.Name))}.");
        if (parsed.GetValue(_defaults))
        {
            Terminal.Out.Write(stage.DefaultConfiguration);
            return Task.FromResult(ExitCode.Success);
        }

        using RankGroup group = Ranks.Join(Terminal);
        TrainingReport report = group.Run(() => Train(parsed, stage, group, cancellationToken));
        if (!report.Finished && group.IsFirst)
        {
            output.WriteNote(
                $"Interrupted; continue with: nexusgen train {name} … --output {parsed.GetValue(_output)} --resume");
        }

        return Task.FromResult(report.Finished ? ExitCode.Success : ExitCode.Cancelled);
    }

    private TrainingReport Train(
        ParseResult parsed, TrainingStage stage, RankGroup group, CancellationToken cancellationToken)
    {
        string name = stage.Name;
        var request = new StageRequest
        {
            Model = ModelPaths.Find(parsed.GetValue(_model)
                ?? throw new UsageException(
                    $"The model is missing: nexusgen train {name} --model models/mine.")),
            ConfigurationFile = parsed.GetValue(_configuration),
            Changes = parsed.GetValue(_set) ?? [],
            Folder = parsed.GetValue(_output)
                ?? throw new UsageException($"The output folder is missing: nexusgen train {name} --output runs/{name}."),
            Device = Devices.Open(Ranks.DeviceOf(group, parsed.GetValue(_device) ?? "cpu")),
            Resume = parsed.GetValue(_resume),
            Install = !parsed.GetValue(_keep),
            Worlds = WorldData.Open,
            Group = group,
            Console = CommonOptions.IsQuiet(parsed) ? null : Terminal.Out,
        };

        // Runs on the main thread of the program: glibc splits the heaps of all other threads into pieces of 64 MB, which large
        // tensors would allocate and release all the time.
        return stage.Run(request, cancellationToken);
    }
}
