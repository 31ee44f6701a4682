using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Cli.Ablation;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;

namespace NexusGen.Cli.Commands;

/// <summary>Trains and compares ways to train, from one start at equal cost: what the paper claims, tried on a small world.</summary>
internal sealed class AblateCommand : NexusGenCommand
{
    private readonly Argument<string> _study = new("STUDY") { Description = "prefill: learned inputs against the embeddings themselves; unified: one model for all tasks against one for each." };
    private readonly Option<string?> _model = OptionOf.Text("--model", "The model whose vision encoder and decoders all share. [the nearest]", "FOLDER", "-m");
    private readonly Option<string?> _output = OptionOf.Text("--output", "Where the trainings, the report and its plots go; a stopped comparison goes on there. [ablation-STUDY]", "FOLDER", "-o");
    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "Steps of each way. [prefill 800, unified 300]", 1, 10_000_000);
    private readonly Option<int?> _start = OptionOf.Whole("--start-steps", "Steps of the common start. [400]", 1, 10_000_000);
    private readonly Option<int?> _seeds = OptionOf.Whole("--seeds", "How often each way is trained. [3]", 1, 1000);
    private readonly Option<int?> _count = OptionOf.Whole("--count", "Held-out cases of each task. [120]", 1, 1_000_000, "-n");
    private readonly Option<int?> _batch = OptionOf.Whole("--batch-size", "Conversations a step. [32]", 1, 65_536);
    private readonly Option<int?> _objects = OptionOf.Whole("--objects", "The most objects in a picture. [2]", 2, Worlds.Scenes.Scene.MaxObjects);
    private readonly Option<int?> _threads = OptionOf.Whole("--threads", "Threads. [as many as the machine has]", 1, 1024);

    private readonly Option<string?> _device = OptionOf.Device();
    private readonly Option<int?> _parallel = OptionOf.Whole("--parallel", "How many cases are asked at once and share passes; a verdict now and then depends on which met. [1]", 1, 1024);

    /// <summary>The command.</summary>
    public AblateCommand(Terminal terminal)
        : base(terminal, "ablate", "Train and compare ways to train, from one start at equal cost, and write a report with plots.")
    {
        Arguments.Add(_study);
        foreach (Option option in (Option[])[_model, _output, _steps, _start, _seeds, _count, _batch, _objects, _threads, _device, _parallel])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples => ["nexusgen ablate prefill", "nexusgen ablate unified --steps 1000 --seeds 1 --output unified"];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string name = parsed.GetRequiredValue(_study);
        if (!AblationStudy.Names.Contains(name))
        {
            throw new UsageException($"There is no study '{name}': {string.Join(" or ", AblationStudy.Names)}.");
        }

        var settings = new AblationSettings
        {
            StartSteps = parsed.GetValue(_start) ?? 400,
            Steps = parsed.GetValue(_steps) ?? (name == "prefill" ? 800 : 300),
            Seeds = parsed.GetValue(_seeds) ?? 3,
            Cases = parsed.GetValue(_count) ?? 120,
            BatchSize = parsed.GetValue(_batch) ?? 32,
            MaxObjects = parsed.GetValue(_objects) ?? 2,
            Threads = parsed.GetValue(_threads) ?? Environment.ProcessorCount,
            Device = parsed.GetValue(_device) ?? "cpu",
            Parallel = parsed.GetValue(_parallel) ?? 1,
        };
        Devices.Open(settings.Device);
        string folder = parsed.GetValue(_output) ?? $"ablation-{name}";
        TextWriter? console = CommonOptions.IsQuiet(parsed) ? null : Terminal.Out;
        KeepSettings(folder, name, settings);
        var training = new AblationTraining(ModelPaths.Find(parsed.GetValue(_model) ?? ModelFinder.Find()), folder, settings, console);
        var study = AblationStudy.Of(name, training.Source);
        List<ArmResult> results = [];
        IReadOnlyList<(string, double)> alignment = [];

        // Off this thread, so that Ctrl-C is heard at once.
        await Task.Run(
            async () =>
            {
                training.PrepareStart(cancellationToken);
                for (int seed = 0; seed < settings.Seeds; seed++)
                {
                    foreach (AblationArm arm in study.Arms)
                    {
                        results.Add(await training.RunAsync(arm, seed, cancellationToken));
                    }
                }

                if (name == "unified")
                {
                    var comparison = new AlignmentComparison(training, folder, settings, console);
                    alignment = await comparison.RunAsync(training.TrainedModel(study.Arms[0], 0), cancellationToken);
                }
            },
            CancellationToken.None);
        Write(folder, study, new AblationReport(study, settings, results, alignment), results, output);
        return ExitCode.Done;
    }

    // Trainings of other settings must not be taken for these.
    private static void KeepSettings(string folder, string name, AblationSettings settings)
    {
        string file = Path.Combine(folder, "settings.json"), text = JsonSerializer.Serialize(new { Study = name, Settings = settings }, JsonText.Indented);
        if (File.Exists(file) && File.ReadAllText(file) != text)
        {
            throw new NexusGenException($"{folder} holds a comparison with other settings ({file}): name another folder by --output.");
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(file, text);
    }

    private static void Write(string folder, AblationStudy study, AblationReport report, IReadOnlyList<ArmResult> results, CommandOutput output)
    {
        var plots = new AblationPlots(study, report);
        string text = report.ToMarkdown();
        void Save(string name, string content) => File.WriteAllText(Path.Combine(folder, name), content);
        Save("scores.svg", plots.Scores());
        text += "![scores](scores.svg)\n";
        foreach (string task in results.SelectMany(result => result.Errors.Keys).Distinct())
        {
            Save($"errors-{task}.svg", plots.Errors(task));
            text += $"![errors](errors-{task}.svg)\n";
        }

        Save("report.md", text);
        Save("report.json", new JsonArray([.. results.Select(result => JsonSerializer.SerializeToNode(result))]).ToJsonString(JsonText.Indented));
        output.Line(text);
        output.Line($"Saved {Path.Combine(folder, "report.md")}");
    }
}
