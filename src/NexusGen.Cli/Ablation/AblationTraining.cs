using System.Globalization;
using NexusGen.Cli.Evaluation;
using NexusGen.Cli.Training;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Data;
using NexusGen.Training.Logging;
using NexusGen.Training.Optimization;
using NexusGen.Training.Stages;
using NexusGen.Weights.Modules;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;
using static TorchSharp.torch;

namespace NexusGen.Cli.Ablation;

/// <summary>
/// Trains and measures the arms of a study from one shared start. Finished results are stored, and a comparison that was stopped
/// resumes where it ended.
/// </summary>
/// <param name="model">The model whose vision encoder and decoders all arms share.</param>
/// <param name="folder">The folder of all trainings and results.</param>
/// <param name="settings">The settings of the comparison.</param>
/// <param name="console">Receives progress messages, or null for none.</param>
internal sealed class AblationTraining(ModelPaths model, string folder, AblationSettings settings, TextWriter? console)
{
    private const ulong TestSeed = 2000;

    private string Start => Path.Combine(folder, "start");

    /// <summary>
    /// Trains the shared start from random weights: it learns to understand images and to talk, but not to generate images.
    /// </summary>
    /// <param name="cancellation">Cancels the training after a batch.</param>
    public void PrepareStart(CancellationToken cancellation)
    {
        console?.WriteLine($"start: {settings.StartSteps} steps of understanding");
        DataSource[] data = [Source(WorldTask.Understand, 2), new() { Path = "shapesworld:talk", Weight = 0.05 }];
        Train(
            Path.Combine(Start, "model"), Path.Combine(Start, "run"), data, settings.StartSteps, seed: 0, plain: false,
            fromNothing: true, cancellation);
    }

    /// <summary>Trains an arm once and measures it, or returns the stored result.</summary>
    /// <param name="arm">The arm.</param>
    /// <param name="seed">The index of the training, from 0, which determines its seed.</param>
    /// <param name="cancellation">Cancels the training after a batch.</param>
    public async Task<ArmResult> RunAsync(AblationArm arm, int seed, CancellationToken cancellation)
    {
        string own = Folder(arm, seed), trained = Path.Combine(own, "model");
        if (ArmResult.Read(own) is { } known)
        {
            return known;
        }

        long steps = (long)Math.Round(settings.Steps * arm.Share);
        console?.WriteLine($"{arm.Name}, seed {seed}: {steps} steps");
        TrainingReport report = Train(
            trained, Path.Combine(own, "run"), arm.Data, steps, seed + 1, arm.Plain, fromNothing: false, cancellation);
        Dictionary<string, PredictionErrors> errors = [];
        Dictionary<string, double> scores = [];
        foreach (WorldTask task in arm.Tasks)
        {
            string name = task.ToString().ToLowerInvariant();
            WorldSample[] cases = [.. Cases(task)];
            if (task is WorldTask.Generate or WorldTask.Edit)
            {
                errors[name] = Errors(trained, cases, arm.Plain, cancellation);
            }

            scores[name] = await ScoreAsync(trained, task, cases, cancellation);
        }

        var result = new ArmResult(arm.Name, seed, report.Steps, report.Hours, report.Flops ?? 0, errors, scores);
        result.Write(own);
        return result;
    }

    /// <summary>Returns the folder of the model that an arm trained.</summary>
    public string TrainedModel(AblationArm arm, int seed) => Path.Combine(Folder(arm, seed), "model");

    /// <summary>The folder of the model that all arms start from.</summary>
    public string StartModel => Path.Combine(Start, "model");

    /// <summary>Returns the held-out cases of a task, in both languages.</summary>
    /// <param name="task">The task.</param>
    public IEnumerable<WorldSample> Cases(WorldTask task)
    {
        var mix = new WorldMix(TestSeed, task, WorldSplit.Test) { MaxObjects = settings.MaxObjects };
        return Enumerable.Range(0, settings.Cases).Select(i => mix[i]);
    }

    /// <summary>Returns the share of cases that a model solves, according to the judge.</summary>
    public Task<double> ScoreAsync(
        string folder, WorldTask task, IReadOnlyList<WorldSample> cases, CancellationToken cancellation) => ShareAsync(
        folder,
        cases,
        (evaluation, sample, i, stop) => evaluation.AskAsync(task.ToString().ToLowerInvariant(), sample, i, stop),
        cancellation);

    /// <summary>Returns the share of cases that a model solves if they are asked by the given function.</summary>
    public async Task<double> ShareAsync(
        string folder,
        IReadOnlyList<WorldSample> cases,
        Func<ShapesEvaluation, WorldSample, int, CancellationToken, Task<EvaluatedCase>> ask,
        CancellationToken cancellation)
    {
        using var opened = NexusGenModel.Open(
            folder,
            new NexusGenOptions { Device = settings.Device, MaxBatch = settings.Parallel });
        var evaluation = new ShapesEvaluation(
            opened,
            new EvaluationSettings
            {
                Model = folder,
                Weights = default,
                Seed = TestSeed,
                Jitter = null,
                Language = null,
                Count = cases.Count,
            });
        int right = 0;
        var together = new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = cancellation };
        await Parallel.ForAsync(0, cases.Count, together, async (i, stop) =>
        {
            if ((await ask(evaluation, cases[i], i, stop)).Right)
            {
                Interlocked.Increment(ref right);
            }
        });
        return right / (double)cases.Count;
    }

    /// <summary>Returns the training data of a task, limited to the maximum number of objects.</summary>
    public DataSource Source(WorldTask task, double weight = 1) => new()
    {
        Path = string.Create(
            CultureInfo.InvariantCulture,
            $"shapesworld:{task.ToString().ToLowerInvariant()}/{settings.MaxObjects}"),
        Weight = weight,
    };

    private PredictionErrors Errors(string folder, IReadOnlyList<WorldSample> cases, bool plain, CancellationToken cancellation)
    {
        using var files = new ModelFiles(ModelPaths.Find(folder));
        var options = new LoadOptions(new Placement(Devices.Open(settings.Device), ScalarType.Float32));
        using var visionEncoder = files.VisionPart.Load(options);
        using var language = files.LanguageModelPart.Load(options);
        return PredictionErrors.Measure(
            files, visionEncoder, language, [.. cases.Select(WorldData.ToTraining)], plain, cancellation);
    }

    private string Folder(AblationArm arm, int seed) => Path.Combine(folder, $"{arm.Name}-{seed}");

    private TrainingReport Train(
        string trained, string run, IReadOnlyList<DataSource> data, long steps, int seed, bool plain, bool fromNothing,
        CancellationToken cancellation)
    {
        bool resume = TrainingCheckpoint.Latest(run) is not null;
        if (!resume)
        {
            AblationModels.Copy(fromNothing ? model : ModelPaths.Find(StartModel), trained, plain);
        }

        var request = new StageRequest
        {
            Model = ModelPaths.Find(trained),
            Folder = run,
            Resume = resume,
            Worlds = WorldData.Open,
            Device = Devices.Open(settings.Device),
            Console = console,
        };
        AutoregressiveTrainingConfiguration configuration = settings.Share(new AutoregressiveTrainingConfiguration
        {
            Data = data,
            FromNothing = fromNothing,
            Plain = plain,
            Steps = steps,
            Seed = (ulong)seed,
            BatchSize = settings.BatchSize,
            PackedLength = 256,
            Precision = Precision.BFloat16,
            LearningRate = fromNothing ? 1e-3 : 6e-4,
            WarmupSteps = (int)Math.Min(100, steps / 2),
            Schedule = ScheduleKind.Cosine,
            ScheduleFloor = 0.1,
            LogEvery = 50,
            CheckpointEvery = 200,
            KeepLast = 1,
        });
        TrainingReport report = new LanguageModelStage().Run(request, configuration, cancellation);
        return report.Finished ? report : throw new OperationCanceledException(cancellation);
    }
}
