using System.CommandLine;
using System.Diagnostics;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Cli.Commands;

/// <summary>Prepares a decoder's training data: embeddings and latents.</summary>
internal sealed class PrepareCommand : NexusGenCommand
{
    // Between two lines of progress.
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly Argument<string> _kind = new("DECODER") { Description = "generation or editing." };
    private readonly Option<string[]> _data = new("--data", "-d")
    {
        Description = "A file of JSON lines in the official format, or a world such as shapesworld:generate; perhaps with =WEIGHT behind it.",
        HelpName = "SOURCE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _output = OptionOf.Text("--output", "Where the data goes; a preparation that was stopped goes on there.", "FOLDER", "-o");
    private readonly Option<string?> _model = OptionOf.Text("--model", "The model's folder. [the nearest]", "FOLDER", "-m");
    private readonly Option<int?> _samples = OptionOf.Whole("--samples", "How many samples. [10000]", 1, int.MaxValue, "-n");
    private readonly Option<int?> _batch = OptionOf.Whole("--batch-size", "Samples computed at once. [16]", 1, 4096);
    private readonly Option<int?> _width = OptionOf.Whole("--width", "Width of the pictures to paint. [the model's]", 16, 8192);
    private readonly Option<int?> _height = OptionOf.Whole("--height", "Height of the pictures to paint. [the model's]", 16, 8192);
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Decides the order of the data. [0]");
    private readonly Option<int?> _maxBroken = OptionOf.Whole("--max-broken-records", "How many records of files may be broken or of no use; each is reported. [100]", 0, int.MaxValue);
    private readonly Option<bool> _predicted = OptionOf.Switch("--predicted", "For the generation decoder: what the language model predicts, instead of the pictures' own embeddings.");
    private readonly Option<Precision?> _precision = OptionOf.ValueChoice(
        "--precision", "What it is computed in. [float32]", ("float32", NexusGen.Core.Precision.Float32), ("bfloat16", NexusGen.Core.Precision.BFloat16));

    private readonly Option<int?> _threads = OptionOf.Whole("--threads", "How many threads compute. [one a core]", 1, 1024);
    private readonly Option<string?> _device = OptionOf.Device();

    /// <summary>The command.</summary>
    public PrepareCommand(Terminal terminal)
        : base(terminal, "prepare", "Prepare the data that a decoder is trained on: embeddings and latents, as safetensors.")
    {
        Arguments.Add(_kind);
        foreach (Option option in (Option[])[_data, _output, _model, _samples, _batch, _width, _height, _seed, _maxBroken, _predicted, _precision, _threads, _device])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen prepare generation --data pictures.jsonl --samples 100000 --output prepared/generation",
        "nexusgen prepare editing --data shapesworld:edit --samples 20000 --output prepared/editing",
    ];

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string kind = parsed.GetRequiredValue(_kind);
        bool editing = kind switch
        {
            "editing" => true,
            "generation" => false,
            _ => throw new UsageException($"There is no decoder '{kind}': generation or editing."),
        };
        string[] names = parsed.GetValue(_data) ?? [];
        string folder = parsed.GetValue(_output) ?? throw new UsageException("The folder is missing: --output prepared/generation.");
        if (names.Length == 0)
        {
            throw new UsageException("The data is missing: --data pictures.jsonl.");
        }

        if (parsed.GetValue(_threads) is { } threads)
        {
            NativeRuntime.Threads = threads;
        }

        using var files = new ModelFiles(ModelPaths.Find(parsed.GetValue(_model) ?? ModelFinder.Find()));
        PictureDefaults defaults = editing ? files.Configuration.Defaults.Edit : files.Configuration.Defaults.Generate;
        var options = new PreparationOptions
        {
            Editing = editing,
            Predicted = parsed.GetValue(_predicted),
            Samples = parsed.GetValue(_samples) ?? 10_000,
            BatchSize = parsed.GetValue(_batch) ?? 16,
            Width = parsed.GetValue(_width) ?? defaults.Width,
            Height = parsed.GetValue(_height) ?? defaults.Height,
        };
        ulong seed = parsed.GetValue(_seed) ?? 0;
        using var data = new SampleMix(
            [.. names.Select(Source)], seed, WorldData.Open, new PreparationCheck(files, options).Check, parsed.GetValue(_maxBroken) ?? 100,
            broken => output.Note($"left out: {broken}"));
        ScalarType type = parsed.GetValue(_precision) == NexusGen.Core.Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var preparation = new Preparation(files, new LoadOptions(new Placement(Devices.Open(parsed.GetValue(_device) ?? "cpu"), type)));
        long told = Stopwatch.GetTimestamp();
        bool any = false;
        var progress = new Listener(report =>
        {
            any = true;
            if (report.Prepared == report.Samples || Stopwatch.GetElapsedTime(told) >= Pace)
            {
                told = Stopwatch.GetTimestamp();
                output.Line($"{report}");
            }
        });
        try
        {
            // On this thread, the program's first, for its heap, as a training.
            preparation.Run(folder, data, [.. names, $"seed {seed}"], options, progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            output.Note("stopped; the same command goes on after the last whole shard");
            return Task.FromResult(ExitCode.Cancelled);
        }

        if (!any)
        {
            output.Line($"{folder} holds all {options.Samples} samples already");
        }

        return Task.FromResult(ExitCode.Done);
    }

    private static DataSource Source(string text)
    {
        int at = text.LastIndexOf('=');
        return at > 0 && double.TryParse(text[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture, out double weight)
            ? new DataSource { Path = text[..at], Weight = weight }
            : new DataSource { Path = text };
    }

    // At once and on the same thread, unlike Progress<T>.
    private sealed class Listener(Action<PreparationProgress> hear) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => hear(value);
    }
}
