using NexusGen.Model;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Training;

/// <summary>A stage with its configuration and its batches.</summary>
/// <typeparam name="TConfiguration">The configuration.</typeparam>
/// <typeparam name="TBatch">The batches of its task.</typeparam>
public abstract class TrainingStage<TConfiguration, TBatch> : TrainingStage
    where TConfiguration : ModelTrainingConfiguration, new()
{
    /// <inheritdoc/>
    public override string DefaultConfiguration => ConfigurationFile.Write(new TConfiguration());

    /// <inheritdoc/>
    public override TrainingReport Run(StageRequest request, CancellationToken stop = default)
    {
        TConfiguration configuration = request.ConfigurationFile is { } file
            ? ConfigurationFile.Read<TConfiguration>(file, request.Changes)
            : ConfigurationFile.Parse<TConfiguration>("", Name, request.Changes);
        if (configuration.Threads is { } threads)
        {
            NativeRuntime.Threads = threads;
        }

        using var files = new ModelFiles(request.Model);
        using SampleMix data = Open(configuration.Data, configuration, request);
        using SampleMix? validation = configuration.ValidationData.Count == 0 ? null : Open(configuration.ValidationData, configuration, request);
        ITrainingTask<TBatch> task = CreateTask(new StageParts(files, configuration, request.Device ?? CPU), configuration, data, validation);
        using (task as IDisposable)
        {
            var loop = new TrainingLoop<TBatch>(task, configuration, request.Folder)
            {
                Resume = request.Resume,
                Progress = request.Progress,
                Console = request.Console,
            };
            TrainingReport report = loop.Run(stop);
            if (report.Finished && request.Install)
            {
                foreach (string path in WeightInstallation.Install(request.Folder, request.Model, preferBest: configuration.KeepBest))
                {
                    request.Console?.WriteLine($"wrote {path}");
                }
            }

            return report;
        }
    }

    /// <summary>Builds what is trained.</summary>
    /// <param name="parts">Builds the parts of the model.</param>
    /// <param name="configuration">How it is trained.</param>
    /// <param name="data">What it is trained on.</param>
    /// <param name="validation">What it is validated on; null for nothing.</param>
    protected abstract ITrainingTask<TBatch> CreateTask(
        StageParts parts, TConfiguration configuration, ISampleData<TrainingSample> data, ISampleData<TrainingSample>? validation);

    private static SampleMix Open(IReadOnlyList<DataSource> sources, TConfiguration configuration, StageRequest request) =>
        new(sources, configuration.Seed, request.Worlds, configuration.MaxBrokenRecords, broken => request.Console?.WriteLine($"left out: {broken}"));
}
