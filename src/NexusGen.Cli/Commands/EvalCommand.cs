using System.CommandLine;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Evaluation;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Progress;
using NexusGen.Imaging;
using NexusGen.Torch;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;

namespace NexusGen.Cli.Commands;

/// <summary>Scores a model on ShapesWorld.</summary>
internal sealed class EvalCommand : NexusGenCommand
{
    private const int SheetColumns = 8, SheetPairs = 32;
    private const string Predict = "predict";

    private readonly Argument<string> _world = new("WORLD") { Description = "shapesworld." };
    private readonly Option<int?> _count = OptionOf.Whole("--count", "Cases of each category. [100]", 1, 1_000_000, "-n");
    private readonly Option<string?> _suite = OptionOf.Text("--suite", $"Suites, with commas between: {string.Join(", ", Suites)}. [all]", "NAMES");
    private readonly Option<string?> _language = OptionOf.Choice("--language", "One language alone. [both]", ("en", "en"), ("zh", "zh"));
    private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Decides the cases. [1000]");
    private readonly Option<string?> _jitter = OptionOf.Choice("--jitter", "Whether what is shown stands off the middle of its cells. [half of it]", ("yes", "yes"), ("no", "no"));
    private readonly Option<string?> _out = OptionOf.Text("--out", "Keep every prompt, expected scene and picture here, and a sheet of the failures.", "FOLDER", "-o");
    private readonly Option<int?> _parallel = OptionOf.Whole(
        "--parallel", "How many cases are asked at once and share passes: faster, but then the last digits, and a verdict now and then, depend on which met. [1]", 1, 64);
    private readonly Option<bool> _resume = OptionOf.Switch("--resume", "Go on with the evaluation in the folder of --out, after its last whole category.");
    private readonly ModelOptions _model = new();

    // The last one looks at predicted embeddings, and draws nothing.
    private static IEnumerable<string> Suites => WorldEvaluation.Suites.Append(Predict);

    /// <summary>The command.</summary>
    public EvalCommand(Terminal terminal)
        : base(terminal, "eval", "Score a model on held-out cases of a world, by a judge that sees pictures and answers alone.")
    {
        Arguments.Add(_world);
        foreach (Option option in (Option[])[_count, _suite, _language, _seed, _jitter, _parallel, _out, _resume])
        {
            Options.Add(option);
        }

        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen eval shapesworld",
        "nexusgen eval shapesworld --suite generate,edit --language zh --count 500 --out scores",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        if (parsed.GetRequiredValue(_world) != "shapesworld")
        {
            throw new UsageException($"There is no world '{parsed.GetRequiredValue(_world)}': shapesworld.");
        }

        string[] suites = parsed.GetValue(_suite)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [.. Suites];
        if (suites.FirstOrDefault(suite => !Suites.Contains(suite)) is { } unknown)
        {
            throw new UsageException($"There is no suite '{unknown}': {string.Join(", ", Suites)}.");
        }

        int count = parsed.GetValue(_count) ?? 100;
        TextLanguage? language = parsed.GetValue(_language) switch { "en" => TextLanguage.English, "zh" => TextLanguage.Chinese, _ => null };
        int together = parsed.GetValue(_parallel) ?? 1;
        string? folder = parsed.GetValue(_out);
        bool resume = parsed.GetValue(_resume);
        if (resume && folder is null)
        {
            throw new UsageException("--resume goes on with the evaluation in a folder: name it by --out.");
        }

        using NexusGenModel model = _model.Open(parsed, together);
        var settings = new EvaluationSettings
        {
            Model = Path.GetFullPath(model.Paths.Root),
            Weights = EvaluationSettings.WeightsOf(model.Paths.Root),
            Seed = parsed.GetValue(_seed) ?? 1000,
            Jitter = parsed.GetValue(_jitter) switch { "yes" => true, "no" => false, _ => null },
            Language = language,
            Count = count,
        };
        var evaluation = new WorldEvaluation(model, settings.Seed, settings.Jitter);
        using CaseFolder? kept = folder is null ? null : new CaseFolder(folder, settings, resume);
        List<EvaluatedCase> cases = [];
        (string, string)[] categories =
            [.. suites.Where(suite => suite != Predict).SelectMany(suite => WorldEvaluation.CategoriesOf(suite).Select(category => (suite, category)))];
        var rest = new RemainingTime(categories.Length, TimeProvider.System);
        foreach ((string suite, string category) in categories)
        {
            EvaluatedCase[]? asked = kept?.Find(suite, category, evaluation);
            string before = asked is null ? "" : " (kept)";
            if (asked is not null)
            {
                rest.Skip(1);
            }
            else
            {
                asked = new EvaluatedCase[count];
                try
                {
                    await Parallel.ForAsync(
                        0, count, new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = cancellationToken },
                        async (i, cancellation) => asked[i] = await evaluation.RunAsync(suite, category, settings.LanguageOf(i), i, cancellation));
                }
                catch (OperationCanceledException) when (kept is not null && cancellationToken.IsCancellationRequested)
                {
                    output.Note($"stopped; the same command with --resume goes on with {suite}/{category}");
                    return ExitCode.Cancelled;
                }

                kept?.Add(asked);
                rest.Done(1);
            }

            cases.AddRange(asked);
            output.Note($"{suite}/{category}: {asked.Count(item => item.Right)} of {count}{before}{rest}");
        }

        var table = new ScoreTable(cases);
        foreach (string line in table.Lines())
        {
            output.Line(line);
        }

        using WorldPredictions? predictions = suites.Contains(Predict)
            ? new WorldPredictions(model.Paths, settings.Seed, settings.Jitter, Devices.Open(_model.Device(parsed)))
            : null;
        foreach ((string suite, string category) in predictions is null ? [] : WorldPredictions.Categories)
        {
            await Task.Run(() => predictions!.Measure(suite, category, language, count, cancellationToken), CancellationToken.None);
        }

        foreach (string line in predictions?.Lines() ?? [])
        {
            output.Line(line);
        }

        if (folder is not null && Sheet(cases) is { } sheet)
        {
            ImageFile.Write(Path.Combine(folder, "failures.png"), sheet);
        }

        output.Json(new JsonObject { ["model"] = model.Paths.Root, ["scores"] = table.ToJson(), ["predictions"] = predictions?.ToJson() });
        return ExitCode.Done;
    }

    // Pairs: what was expected, and what was drawn.
    private static RgbImage? Sheet(IReadOnlyList<EvaluatedCase> cases)
    {
        EvaluatedCase[] failed = [.. cases.Where(item => !item.Right && item.Picture is not null && item.Sample.Pictures.Length > 0).Take(SheetPairs)];
        if (failed.Length == 0)
        {
            return null;
        }

        Picture sheet = ContactSheet.Compose(
            [.. failed.SelectMany(item => new[] { Renderer.Render(item.Sample.Pictures[^1]), WorldEvaluation.ToPicture(item.Picture!) })], SheetColumns);
        return RgbImage.FromBytes(sheet.Rgb, sheet.Width, sheet.Height);
    }
}
