using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Cli.Options;

/// <summary>Which model is opened, and how.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _model = OptionOf.Text(
        "--model",
        "The model's folder, with Nexus-GenV2/ and FLUX/FLUX.1-dev/ in it. [one found in models/]",
        "FOLDER", "-m");
    private readonly Option<string?> _checkpoint = OptionOf.Text(
        "--ckpt-path",
        "The language model's folder, where it lies elsewhere.",
        "FOLDER");
    private readonly Option<string?> _flux = OptionOf.Text(
        "--flux-path",
        "The folder above FLUX/FLUX.1-dev, where it lies elsewhere.",
        "FOLDER");
    private readonly Option<string?> _generation = OptionOf.Text(
        "--generation-decoder-path",
        "The generation decoder's file, where it lies elsewhere.",
        "FILE");
    private readonly Option<string?> _editing = OptionOf.Text(
        "--editing-decoder-path",
        "The editing decoder's file, where it lies elsewhere.",
        "FILE");
    private readonly Option<long?> _budget = OptionOf.Bytes(
        "--memory-budget",
        "How much memory weights and activations may take, like 12GB; what doesn't fit is read when needed.");
    private readonly Option<bool> _offload = new("--enable-cpu-offload") { Hidden = true, Arity = ArgumentArity.Zero };
    private readonly ComputeOptions _compute = new();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _checkpoint, _flux, _generation, _editing])
        {
            command.Options.Add(option);
        }

        _compute.AddTo(command);
        command.Options.Add(_budget);
        command.Options.Add(_offload);
    }

    /// <summary>Opens the model that the command line names, or the one that is found.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="maxBatch">How many requests that run at the same time are computed in one pass.</param>
    /// <exception cref="NexusGenException">There is none, or it can't be opened.</exception>
    public NexusGenModel Open(ParseResult parsed, int maxBatch = 1)
    {
        _compute.ApplyThreads(parsed);
        string? checkpoint = Existing(parsed, _checkpoint, Directory.Exists);
        string folder = parsed.GetValue(_model) ?? checkpoint ?? ModelFinder.Find();
        return NexusGenModel.Open(folder, new NexusGenOptions
        {
            Device = _compute.Device(parsed),
            Precision = _compute.Precision(parsed),
            DecoderWeights = _compute.Weights(parsed),
            MemoryBudget = parsed.GetValue(_budget),
            MaxBatch = maxBatch,
            Paths = new ModelPathOverrides
            {
                LanguageModel = checkpoint,
                Flux = Existing(parsed, _flux, Directory.Exists),
                GenerationDecoder = Existing(parsed, _generation, File.Exists),
                EditingDecoder = Existing(parsed, _editing, File.Exists),
            },
        });
    }

    /// <summary>The name of the device that is computed on.</summary>
    /// <param name="parsed">The command line.</param>
    public string Device(ParseResult parsed) => _compute.Device(parsed);

    private static string? Existing(ParseResult parsed, Option<string?> option, Func<string, bool> exists) =>
        parsed.GetValue(option) is not { } path || exists(path)
            ? parsed.GetValue(option)
            : throw new NexusGenException($"{path} does not exist; check {option.Name}.");
}
