using NexusGen.Cli.Training;
using NexusGen.Core;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Logging;
using NexusGen.Training.Optimization;
using NexusGen.Training.Stages;
using NexusGen.Weights.Modules;
using NexusGen.Worlds.Tasks;
using static TorchSharp.torch;

namespace NexusGen.Cli.Ablation;

/// <summary>
/// Measures what each phase of the alignment contributes (section 4 of the paper): generation without phase 1, with phase 1
/// alone, and with a decoder that was trained further on true or on predicted embeddings, at equal cost. True embeddings give the
/// upper bound.
/// </summary>
/// <param name="training">The comparison that provides the language model, the cases and the data.</param>
/// <param name="folder">The folder of all trainings and results.</param>
/// <param name="settings">The settings of the comparison.</param>
/// <param name="console">Receives progress messages, or null for none.</param>
internal sealed class AlignmentComparison(
    AblationTraining training, string folder, AblationSettings settings, TextWriter? console)
{
    private const int PreparedBatches = 64;

    /// <summary>Returns the scores of generation, each with a description of its variant.</summary>
    /// <param name="aligned">The folder of the model after phase 1.</param>
    /// <param name="cancellation">Cancels the training after a batch.</param>
    public async Task<IReadOnlyList<(string Way, double Score)>> RunAsync(string aligned, CancellationToken cancellation)
    {
        WorldSample[] cases = [.. training.Cases(WorldTask.Generate)];
        Task<double> Score(string model) => training.ScoreAsync(model, WorldTask.Generate, cases, cancellation);
        string seeing = GoOn(aligned, predicted: false, cancellation), predicting = GoOn(aligned, predicted: true, cancellation);
        return
        [
            ("without phase 1", await Score(training.StartModel)),
            ("phase 1, unchanged decoder", await Score(aligned)),
            ("phase 1, then the decoder trained on true embeddings", await Score(seeing)),
            ("phase 1, then the decoder trained on predicted embeddings", await Score(predicting)),
            ("true instead of predicted embeddings (upper bound)", await training.ShareAsync(
                seeing, cases, (evaluation, sample, i, stop) => evaluation.ReconstructAsync(sample, i, stop), cancellation)),
        ];
    }

    // Trains the generation decoder further on the vision encoder's embeddings of images or on those that the language model
    // predicts.
    private string GoOn(string aligned, bool predicted, CancellationToken cancellation)
    {
        string own = Path.Combine(folder, predicted ? "decoder-predicted" : "decoder-true"),
            model = Path.Combine(own, "model"),
            run = Path.Combine(own, "run");
        bool resume = TrainingCheckpoint.Latest(run) is not null;
        if (!resume)
        {
            AblationModels.Copy(ModelPaths.Find(aligned), model);
        }

        console?.WriteLine($"decoder on {(predicted ? "predicted" : "true")} embeddings: {settings.Steps} steps");
        string prepared = Path.Combine(own, "prepared");
        Prepare(model, prepared, predicted, cancellation);
        var request = new StageRequest
        {
            Model = ModelPaths.Find(model),
            Folder = run,
            Resume = resume,
            Device = Devices.Open(settings.Device),
            Console = console,
        };
        DecoderTrainingConfiguration configuration = settings.Share(new DecoderTrainingConfiguration
        {
            Data = [new DataSource { Path = prepared }],
            FromNothing = false,
            Steps = settings.Steps,
            BatchSize = settings.BatchSize,
            TimestepPerSample = true,
            Precision = Precision.BFloat16,
            LearningRate = 2e-4,
            Schedule = ScheduleKind.Cosine,
            ScheduleFloor = 0.1,
            LogEvery = 50,
            KeepLast = 1,
        });
        TrainingReport report = new DecoderStage(editing: false).Run(request, configuration, cancellation);
        return report.Finished ? model : throw new OperationCanceledException(cancellation);
    }

    private void Prepare(string model, string prepared, bool predicted, CancellationToken cancellation)
    {
        using var files = new ModelFiles(ModelPaths.Find(model));
        ImageDefaults defaults = files.Configuration.Defaults.Generate;
        DataSource source = training.Source(WorldTask.Generate);
        using var data = new SampleMix([source], 1, WorldData.Open);
        var options = new DecoderDatasetOptions
        {
            Predicted = predicted,
            Samples = (long)PreparedBatches * settings.BatchSize,
            BatchSize = settings.BatchSize,
            Width = defaults.Width,
            Height = defaults.Height,
        };
        new DecoderDatasetBuilder(files, new LoadOptions(new Placement(Devices.Open(settings.Device), ScalarType.Float32)))
            .Run(prepared, data, [source.Path], options, null, cancellation);
    }
}
