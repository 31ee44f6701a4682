using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Lora;
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
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "LoRA only: the file, or the folder of an adapter of the language model. [lora.safetensors or lora in TRAINING]",
        "PATH", "-o");
    private readonly Option<LoraForm?> _format = OptionOf.ValueChoice(
        "--format",
        "LoRA of a decoder only: whose names the file has. [as configured]",
        ("diffsynth", LoraForm.Diffsynth), ("diffusers", LoraForm.Diffusers), ("kohya", LoraForm.Kohya));

    /// <summary>Initializes the command and its options.</summary>
    public ExportCommand(Terminal terminal)
        : base(
            terminal,
            "export",
            "Install the weights of a training, finished or not, in a model folder, or write the LoRA that it trains; averaged "
                + "weights (EMA) if there are any.")
    {
        Arguments.Add(_training);
        Options.Add(_model);
        Options.Add(_last);
        Options.Add(_precision);
        Options.Add(_output);
        Options.Add(_format);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen export runs/autoencoder --model models/mine --precision bfloat16",
        "nexusgen export runs/style --output style.safetensors --format kohya",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string training = parsed.GetRequiredValue(_training);
        if (LoraExport.IsLora(training))
        {
            if (parsed.GetValue(_model) is not null)
            {
                throw new UsageException(
                    $"{training} is the training of a LoRA, which changes no weights of a model; use --output instead of "
                    + "--model.");
            }

            foreach (string path in LoraExport.Write(
                training, parsed.GetValue(_output), parsed.GetValue(_format), !parsed.GetValue(_last),
                parsed.GetValue(_precision)))
            {
                output.WriteLine(path);
            }

            return Task.FromResult(ExitCode.Success);
        }

        if (parsed.GetValue(_output) is not null || parsed.GetValue(_format) is not null)
        {
            throw new UsageException(
                $"{training} is not the training of a LoRA; --output and --format are for LoRA, use --model.");
        }

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
