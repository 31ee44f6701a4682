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
using NexusGen.Training.Distributed;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Cli.Commands;

/// <summary>Prepares the training data of a decoder: embeddings and latents.</summary>
internal sealed class PrepareCommand : NexusGenCommand
{
    // The interval between two lines of progress.
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly Argument<string> _kind = new("DECODER") { Description = "generation or editing." };
    private readonly Option<string[]> _data = new("--data", "-d")
    {
        Description =
            "JSON Lines file in the official format, folder of images with text files, or a world such as shapesworld:generate, "
            + "optionally followed by =WEIGHT; repeatable.",
        HelpName = "SOURCE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "Output folder; an interrupted preparation resumes there.",
        "FOLDER", "-o");
    private readonly Option<string?> _model = OptionOf.Text("--model", "Model folder. [found in models/]", "FOLDER", "-m");
    private readonly Option<int?> _samples = OptionOf.Integer(
        "--samples",
        "Number of samples. [10000, or all of a folder of images]",
        1, int.MaxValue, "-n");
    private readonly Option<int?> _batch = OptionOf.Integer("--batch-size", "Samples per batch. [16]", 1, 4096);
    private readonly Option<int?> _width = OptionOf.Integer("--width", "Width of the target images. [the model's]", 16, 8192);
    private readonly Option<int?> _height = OptionOf.Integer(
        "--height",
        "Height of the target images. [the model's]",
        16, 8192);
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Seed of the sample order. [0]");
    private readonly Option<int?> _maxBroken = OptionOf.Integer(
        "--max-broken-records",
        "Maximum number of invalid or unusable records in files; each one is reported. [100]",
        0, int.MaxValue);
    private readonly Option<bool> _predicted = OptionOf.Switch(
        "--predicted",
        "Generation decoder only: use embeddings predicted by the language model instead of the images' own.");
    private readonly Option<Precision?> _precision = OptionOf.ValueChoice(
        "--precision",
        "Data type of the computation. [float32]",
        ("float32", NexusGen.Core.Precision.Float32), ("bfloat16", NexusGen.Core.Precision.BFloat16));

    private readonly Option<int?> _threads = OptionOf.Integer("--threads", "Number of CPU threads. [one per core]", 1, 1024);
    private readonly Option<string?> _device = OptionOf.Device();
    private readonly Option<bool> _noMap = OptionOf.NoMapping();

    /// <summary>Initializes the command and its options.</summary>
    public PrepareCommand(Terminal terminal)
        : base(terminal, "prepare", "Prepare the training data of a decoder: embeddings and latents, as safetensors.")
    {
        Arguments.Add(_kind);
        foreach (Option option in (Option[])[
            _data, _output, _model, _samples, _batch, _width, _height, _seed, _maxBroken, _predicted, _precision, _threads,
            _device,
            _noMap,
        ])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen prepare generation --data images.jsonl --samples 100000 --output prepared/generation",
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
            _ => throw new UsageException($"Unknown decoder '{kind}'; choose generation or editing."),
        };
        string[] names = parsed.GetValue(_data) ?? [];
        string folder = parsed.GetValue(_output)
            ?? throw new UsageException("The output folder is missing: --output prepared/generation.");
        if (names.Length == 0)
        {
            throw new UsageException("The data is missing: --data images.jsonl.");
        }

        using RankGroup group = Ranks.Join(Terminal);
        group.WhatRemains = () => "the same command continues after the last complete shard";
        bool done = group.Run(() => Prepare(parsed, output, group, (editing, names, folder), cancellationToken));
        if (!done && group.IsFirst)
        {
            output.WriteNote("Interrupted; the same command continues after the last complete shard.");
        }

        return Task.FromResult(done ? ExitCode.Success : ExitCode.Cancelled);
    }

    private bool Prepare(
        ParseResult parsed, CommandOutput output, RankGroup group, (bool Editing, string[] Names, string Folder) what,
        CancellationToken cancellationToken)
    {
        (bool editing, string[] names, string folder) = what;
        if ((parsed.GetValue(_threads) ?? Ranks.ThreadsOf(group)) is { } threads)
        {
            NativeRuntime.Threads = threads;
        }

        using var files = new ModelFiles(
            ModelPaths.Find(parsed.GetValue(_model) ?? ModelFinder.Find()), !parsed.GetValue(_noMap));
        ImageDefaults defaults = editing ? files.Configuration.Defaults.Edit : files.Configuration.Defaults.Generate;
        var options = new DecoderDatasetOptions
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
            [.. names.Select(Source)],
            seed,
            WorldData.Open,
            new DecoderDatasetValidation(files, options).Check,
            parsed.GetValue(_maxBroken) ?? 100,
            broken => output.WriteNote($"skipped: {broken}"),
            needsText: editing || options.Predicted);
        if (parsed.GetValue(_samples) is null && names.All(Directory.Exists))
        {
            options = options with { Samples = data.Count };
        }

        ScalarType type = parsed.GetValue(_precision) == NexusGen.Core.Precision.BFloat16
            ? ScalarType.BFloat16
            : ScalarType.Float32;
        var preparation = new DecoderDatasetBuilder(
            files,
            new LoadOptions(new Placement(Devices.Open(Ranks.DeviceOf(group, parsed.GetValue(_device) ?? "cpu")), type)));
        long told = Stopwatch.GetTimestamp();
        bool any = false;
        var progress = new Listener(report =>
        {
            any = true;
            if (report.Prepared == report.Samples || Stopwatch.GetElapsedTime(told) >= Pace)
            {
                told = Stopwatch.GetTimestamp();
                output.WriteLine($"{report}");
            }
        });
        try
        {
            // Runs on the main thread because of its heap, as training does (see TrainCommand).
            preparation.Run(
                folder, data, [.. names, $"seed {seed}"], options, group.IsFirst ? progress : null, cancellationToken,
                group.Collectives);
        }
        catch (OperationCanceledException)
        {
            // On another rank, perhaps.
            return false;
        }

        if (!any && group.IsFirst)
        {
            output.WriteLine($"{folder} already contains all {options.Samples} samples.");
        }

        return true;
    }

    private static DataSource Source(string text)
    {
        int at = text.LastIndexOf('=');
        return at > 0 && double.TryParse(text[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture, out double weight)
            ? new DataSource { Path = text[..at], Weight = weight }
            : new DataSource { Path = text };
    }

    // Reports synchronously on the calling thread, unlike Progress<T>.
    private sealed class Listener(Action<DecoderDatasetProgress> hear) : IProgress<DecoderDatasetProgress>
    {
        public void Report(DecoderDatasetProgress value) => hear(value);
    }
}
