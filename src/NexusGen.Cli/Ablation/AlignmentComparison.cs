using NexusGen.Cli.Training;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Data;
using NexusGen.Training.Decoders;
using NexusGen.Training.Logging;
using NexusGen.Training.Stages;
using NexusGen.Weights.Modules;
using NexusGen.Worlds.Tasks;
using static TorchSharp.torch;

namespace NexusGen.Cli.Ablation;

/// <summary>
/// What each phase of the alignment brings (section 4 of the paper): the same texts drawn without phase 1, with phase 1 alone,
/// and with a decoder that went on learning from true or from predicted embeddings, at equal cost.
/// </summary>
/// <param name="training">The comparison that the language model comes from.</param>
/// <param name="folder">Where all of it is kept.</param>
/// <param name="settings">How much is spent.</param>
/// <param name="console">Hears how far it is; nothing where null.</param>
internal sealed class AlignmentComparison(AblationTraining training, string folder, AblationSettings settings, TextWriter? console)
{
    private const int PreparedBatches = 64;

    /// <summary>Scores of generation, each with what it is of.</summary>
    /// <param name="aligned">The model after phase 1.</param>
    /// <param name="cancellation">Ends it after a batch.</param>
    public async Task<IReadOnlyList<(string Way, double Score)>> RunAsync(string aligned, CancellationToken cancellation)
    {
        WorldSample[] cases = [.. training.Cases(WorldTask.Generate)];
        Task<double> Score(string model) => training.ScoreAsync(model, WorldTask.Generate, cases, cancellation);
        string seeing = GoOn(aligned, predicted: false, cancellation), predicting = GoOn(aligned, predicted: true, cancellation);
        return
        [
            ("without phase 1", await Score(training.StartModel)),
            ("phase 1, the decoder as it was", await Score(aligned)),
            ("phase 1, then the decoder on true embeddings", await Score(seeing)),
            ("phase 1, then the decoder on predicted embeddings", await Score(predicting)),
            ("true embeddings instead of predicted ones (the ceiling)", await training.ShareAsync(
                seeing, cases, (evaluation, sample, i, stop) => evaluation.ReconstructAsync(sample, i, stop), cancellation)),
        ];
    }

    // The generation decoder, trained further on what the eyes see of pictures or on what the language model predicts.
    private string GoOn(string aligned, bool predicted, CancellationToken cancellation)
    {
        string own = Path.Combine(folder, predicted ? "decoder-predicted" : "decoder-true"), model = Path.Combine(own, "model"), run = Path.Combine(own, "run");
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
            Changes =
            [
                $"data=[{{path: '{prepared}'}}]", "from_nothing=false", $"steps={settings.Steps}", $"batch_size={settings.BatchSize}", "timestep_per_sample=true",
                "precision=bfloat16", "learning_rate=2e-4", "schedule=cosine", "schedule_floor=0.1", "log_every=50", "keep_last=1",
                .. settings.Sharing,
            ],
        };
        TrainingReport report = TrainingStage.All.Single(stage => stage.Name == "generation-decoder").Run(request, cancellation);
        return report.Finished ? model : throw new OperationCanceledException(cancellation);
    }

    private void Prepare(string model, string prepared, bool predicted, CancellationToken cancellation)
    {
        using var files = new ModelFiles(ModelPaths.Find(model));
        PictureDefaults defaults = files.Configuration.Defaults.Generate;
        DataSource source = training.Source(WorldTask.Generate);
        using var data = new SampleMix([source], 1, WorldData.Open);
        var options = new PreparationOptions
        {
            Predicted = predicted,
            Samples = (long)PreparedBatches * settings.BatchSize,
            BatchSize = settings.BatchSize,
            Width = defaults.Width,
            Height = defaults.Height,
        };
        new Preparation(files, new LoadOptions(new Placement(Devices.Open(settings.Device), ScalarType.Float32))).Run(prepared, data, [source.Path], options, null, cancellation);
    }
}
