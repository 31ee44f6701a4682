using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>The options that select a model and how it is opened.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _model = OptionOf.Text(
        "--model",
        "Model folder, which contains Nexus-GenV2/ and FLUX/FLUX.1-dev/. [found in models/]",
        "FOLDER", "-m");
    private readonly Option<string?> _checkpoint = OptionOf.Text(
        "--ckpt-path",
        "Folder of the language model, if it is elsewhere, or its GGUF file.",
        "PATH");
    private readonly Option<string?> _flux = OptionOf.Text(
        "--flux-path",
        "Folder that contains FLUX/FLUX.1-dev, if it is elsewhere.",
        "FOLDER");
    private readonly Option<string?> _generation = OptionOf.Text(
        "--generation-decoder-path",
        "File of the generation decoder, if it is elsewhere.",
        "FILE");
    private readonly Option<string?> _editing = OptionOf.Text(
        "--editing-decoder-path",
        "File of the editing decoder, if it is elsewhere.",
        "FILE");
    private readonly Option<long?> _budget = OptionOf.Bytes(
        "--memory-budget",
        "Memory limit of weights and activations, such as 12GB; what does not fit is read when needed.");
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

    /// <summary>Opens the model that the command line names, or one that is found.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="maxBatch">The maximum number of concurrent requests that share a forward pass.</param>
    /// <param name="merged">The LoRA files that are added to the weights, or null for none.</param>
    /// <exception cref="NexusGenException">There is no model, or it can't be opened.</exception>
    public NexusGenModel Open(ParseResult parsed, int maxBatch = 1, IReadOnlyList<LoraSettings>? merged = null)
    {
        _compute.ApplyThreads(parsed);
        string? checkpoint = Existing(parsed, _checkpoint, Path.Exists);
        string folder = parsed.GetValue(_model) ?? (Directory.Exists(checkpoint) ? checkpoint : ModelFinder.Find());
        return NexusGenModel.Open(folder, new NexusGenOptions
        {
            Device = _compute.Device(parsed),
            Precision = _compute.Precision(parsed),
            Weights = _compute.Weights(parsed),
            MapWeights = _compute.MapWeights(parsed),
            MemoryBudget = parsed.GetValue(_budget),
            MaxBatch = maxBatch,
            MergedLoras = merged ?? [],
            Paths = new ModelPathOverrides
            {
                LanguageModel = checkpoint,
                Flux = Existing(parsed, _flux, Directory.Exists),
                GenerationDecoder = Existing(parsed, _generation, File.Exists),
                EditingDecoder = Existing(parsed, _editing, File.Exists),
            },
        });
    }

    /// <summary>Describes the storage format and the precision of the weights, for example <c>fp8 Automatic</c>.</summary>
    /// <param name="parsed">The command line.</param>
    public string Storage(ParseResult parsed) =>
        $"{_compute.Weights(parsed)} {_compute.Precision(parsed)}";

    /// <summary>Returns whether weights may be mapped into memory.</summary>
    /// <param name="parsed">The command line.</param>
    public bool MapWeights(ParseResult parsed) => _compute.MapWeights(parsed);

    /// <summary>Returns the name of the device.</summary>
    /// <param name="parsed">The command line.</param>
    public string Device(ParseResult parsed) => _compute.Device(parsed);

    private static string? Existing(ParseResult parsed, Option<string?> option, Func<string, bool> exists) =>
        parsed.GetValue(option) is not { } path || exists(path)
            ? parsed.GetValue(option)
            : throw new NexusGenException($"{option.Name}: {path} does not exist.");
}
