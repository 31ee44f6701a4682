using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Evaluation;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Progress;
using NexusGen.Cli.Training;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Torch;
using NexusGen.Training.Distributed;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;

namespace NexusGen.Cli.Commands;

/// <summary>Scores a model on a world.</summary>
internal sealed class EvalCommand : NexusGenCommand
{
    private const int SheetColumns = 8, SheetPairs = 32;
    private const string Shapes = "shapesworld", Things = "things", Predict = "predict";

    private readonly Argument<string> _world = new("WORLD") { Description = $"{Shapes} or {Things}." };
    private readonly Option<int?> _count = OptionOf.Integer("--count", "Cases per category. [100]", 1, 1_000_000, "-n");
    private readonly Option<string?> _suite = OptionOf.Text(
        "--suite",
        $"Comma-separated suites: of {Shapes} {string.Join(", ", SuitesOf(Shapes))}; of {Things} "
        + $"{string.Join(", ", SuitesOf(Things))}. [all]",
        "NAMES");
    private readonly Option<string?> _language = OptionOf.Choice(
        "--language",
        "Evaluate only this language. [both]",
        ("en", "en"), ("zh", "zh"));
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Seed of the cases. [1000]");
    private readonly Option<string?> _jitter = OptionOf.Choice(
        "--jitter",
        "Whether objects in input images are off the middle of their cells. [half of the images]",
        ("yes", "yes"), ("no", "no"));
    private readonly Option<string?> _out = OptionOf.Text(
        "--out",
        "Output folder for prompts, expected scenes, images and a sheet of the failures.",
        "FOLDER", "-o");
    private readonly Option<int?> _parallel = OptionOf.Integer(
        "--parallel",
        "Cases that are evaluated together: faster, but results may vary slightly with the batches. [1]",
        1, 64);
    private readonly Option<bool> _resume = OptionOf.Switch(
        "--resume",
        "Resume the evaluation in the folder of --out after its last complete category.");
    private readonly Option<string?> _against = OptionOf.Text(
        "--against",
        "Folder of an earlier evaluation of the same cases (its --out): show the difference, case by case.",
        "FOLDER");
    private readonly ImageOptions _picture = new("3, and 1 for edits", "", several: false);
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public EvalCommand(Terminal terminal)
        : base(terminal, "eval", "Evaluate a model on held-out cases of a world; the judge sees only images and answers.")
    {
        Arguments.Add(_world);
        foreach (Option option in (Option[])[_count, _suite, _language, _seed, _jitter, _parallel, _out, _resume, _against])
        {
            Options.Add(option);
        }

        _picture.AddDenoisingTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen eval shapesworld",
        "nexusgen eval shapesworld --suite generate --steps 20 --weights fp8 --out fp8",
        "nexusgen eval shapesworld --weights int8 --against scores",
        "nexusgen eval things --suite geneval,wording --out scores",
        "nexusgen eval shapesworld --suite generate,edit --language zh --count 500 --out scores",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        using RankGroup group = Ranks.Join(Terminal);
        group.WhatRemains = () => "complete categories are kept in the folder of --out, from which --resume continues";
        return await group.RunAsync(() => EvaluateAsync(parsed, output, group, cancellationToken));
    }

    private async Task<int> EvaluateAsync(
        ParseResult parsed, CommandOutput output, RankGroup group, CancellationToken cancellationToken)
    {
        string world = parsed.GetRequiredValue(_world);
        if (world is not (Shapes or Things))
        {
            throw new UsageException($"Unknown world '{world}'; choose {Shapes} or {Things}.");
        }

        string[] all = [.. SuitesOf(world)];
        string[] suites = parsed.GetValue(_suite)?.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? all;
        if (suites.FirstOrDefault(suite => !all.Contains(suite)) is { } unknown)
        {
            throw new UsageException($"Unknown suite '{unknown}' of {world}; choose from {string.Join(", ", all)}.");
        }

        int count = parsed.GetValue(_count) ?? 100;
        TextLanguage? language = parsed.GetValue(_language) switch
        {
            "en" => TextLanguage.English,
            "zh" => TextLanguage.Chinese,
            _ => null
        };
        int together = parsed.GetValue(_parallel) ?? 1;
        string? folder = parsed.GetValue(_out);
        bool resume = parsed.GetValue(_resume);
        if (resume && folder is null)
        {
            throw new UsageException("--resume requires --out, the folder of the evaluation.");
        }

        if (parsed.GetValue(_against) is { } before)
        {
            PairedComparison.Check(before);
        }

        ImageSettings denoising = _picture.ReadDenoising(parsed);
        using NexusGenModel model = _model.Open(parsed, together);
        var settings = new EvaluationSettings
        {
            World = world,
            Model = Path.GetFullPath(model.Paths.Root),
            Weights = EvaluationSettings.WeightsOf(model.Paths.Root),
            Seed = parsed.GetValue(_seed) ?? 1000,
            Jitter = parsed.GetValue(_jitter) switch { "yes" => true, "no" => false, _ => null },
            Language = language,
            Count = count,
            Storage = _model.Storage(parsed),
            Steps = denoising.Steps,
            CfgScale = denoising.CfgScale,
            EmbeddedGuidance = denoising.EmbeddedGuidance,
            TeaCache = denoising.TeaCacheThreshold,
        };
        WorldEvaluation evaluation =
            world == Shapes ? new ShapesEvaluation(model, settings) : new ThingEvaluation(model, settings);
        using CaseFolder? kept = folder is null || !group.IsFirst ? null : new CaseFolder(folder, settings, evaluation, resume);
        List<EvaluatedCase>? cases = await RunAsync(evaluation, suites, together, kept, output, group, cancellationToken);
        if (cases is null)
        {
            return ExitCode.Cancelled;
        }

        // The first rank has all results.
        if (!group.IsFirst)
        {
            return ExitCode.Success;
        }

        var table = new ScoreTable(cases);
        foreach (string line in table.Lines())
        {
            output.WriteLine(line);
        }

        PairedComparison? comparison = parsed.GetValue(_against) is { } earlier ? new PairedComparison(cases, earlier) : null;
        foreach (string line in comparison?.Lines() ?? [])
        {
            output.WriteLine(line);
        }

        using WorldPredictions? predictions = suites.Contains(Predict)
            ? new WorldPredictions(model.Paths, evaluation, Devices.Open(_model.Device(parsed)), _model.MapWeights(parsed))
            : null;
        foreach ((string suite, string category) in predictions is null ? [] : evaluation.Predicted)
        {
            await Task.Run(
                () => predictions!.Measure(suite, category, count, cancellationToken),
                CancellationToken.None);
        }

        foreach (string line in predictions?.Lines() ?? [])
        {
            output.WriteLine(line);
        }

        if (folder is not null && Sheet(cases) is { } sheet)
        {
            ImageFile.Write(Path.Combine(folder, "failures.png"), sheet);
        }

        output.WriteJson(new JsonObject
        {
            ["model"] = model.Paths.Root,
            ["scores"] = table.ToJson(),
            ["against"] = comparison?.ToJson(),
            ["predictions"] = predictions?.ToJson()
        });
        return ExitCode.Success;
    }

    // The last suite measures predicted embeddings and generates no images.
    private static IEnumerable<string> SuitesOf(string world) =>
        (world == Shapes ? ShapesEvaluation.Names : ThingSuites.Names).Append(Predict);

    // Returns null if the evaluation was interrupted and can be resumed.
    private static async Task<List<EvaluatedCase>?> RunAsync(
        WorldEvaluation evaluation, IEnumerable<string> suites, int together, CaseFolder? kept, CommandOutput output,
        RankGroup group, CancellationToken cancellationToken)
    {
        var exchange = new CaseExchange(group.Collectives, evaluation);
        List<EvaluatedCase> cases = [];
        (string, string)[] categories =
            [.. suites.Where(suite => suite != Predict)
                .SelectMany(suite => evaluation.CategoriesOf(suite).Select(category => (suite, category)))];
        var rest = new RemainingTime(categories.Length, TimeProvider.System);
        foreach ((string suite, string category) in categories)
        {
            EvaluatedCase[]? asked = kept?.Find(suite, category);
            string before = asked is null ? "" : " (stored)";
            bool stopped = false;
            if (group.Collectives.Any(asked is not null))
            {
                rest.Skip(1);
            }
            else
            {
                asked = new EvaluatedCase[evaluation.CountOf(suite, category)];
                try
                {
                    await Parallel.ForAsync(
                        0,
                        asked.Length,
                        new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = cancellationToken },
                        async (i, cancellation) =>
                        {
                            if (exchange.IsOurs(i))
                            {
                                asked[i] = await evaluation.RunAsync(suite, category, i, cancellation);
                            }
                        });
                }
                catch (OperationCanceledException) when (
                    (kept is not null || group.Collectives.Size > 1) && cancellationToken.IsCancellationRequested)
                {
                    stopped = true;
                }

                if (group.Collectives.Any(stopped))
                {
                    if (group.IsFirst)
                    {
                        output.WriteNote(
                            $"Interrupted; the same command with --resume continues with {suite}/{category}.");
                    }

                    return null;
                }

                asked = exchange.Collect(suite, category, asked);
                kept?.Add(asked);
                rest.Done(1);
            }

            if (!group.IsFirst)
            {
                continue;
            }

            EvaluatedCase[] results = asked!;
            cases.AddRange(results);
            output.WriteNote($"{suite}/{category}: {results.Count(item => item.Right)} of {results.Length}{before}{rest}");
        }

        return cases;
    }

    // Pairs of the expected image, or black, and the generated one.
    private static RgbImage? Sheet(IReadOnlyList<EvaluatedCase> cases)
    {
        EvaluatedCase[] failed = [.. cases.Where(item => !item.Right && item.Picture is not null).Take(SheetPairs)];
        if (failed.Length == 0)
        {
            return null;
        }

        Picture sheet = ContactSheet.Compose(
            [
                .. failed.SelectMany(item => new[]
                {
                    WorldEvaluation.ToPicture(item.Case.Target?.Invoke() ?? Black(item.Picture!)),
                    WorldEvaluation.ToPicture(item.Picture!),
                }),
            ],
            SheetColumns);
        return RgbImage.FromBytes(sheet.Rgb, sheet.Width, sheet.Height);
    }

    private static RgbImage Black(RgbImage image) =>
        RgbImage.FromBytes(new byte[RgbImage.Channels * image.Width * image.Height], image.Width, image.Height);
}
