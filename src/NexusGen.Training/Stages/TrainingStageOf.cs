using NexusGen.Model;
using NexusGen.Torch.Native;
using NexusGen.Training.Configuration;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;

namespace NexusGen.Training.Stages;

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
        using var parts = new StageParts(files, configuration, request);
        ITrainingTask<TBatch> task = CreateTask(parts, configuration);
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
    /// <param name="parts">The parts of the model, and the data.</param>
    /// <param name="configuration">How it is trained.</param>
    protected abstract ITrainingTask<TBatch> CreateTask(StageParts parts, TConfiguration configuration);
}
