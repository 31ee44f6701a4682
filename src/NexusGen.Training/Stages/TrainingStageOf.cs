using NexusGen.Model;
using NexusGen.Torch.Native;
using NexusGen.Training.Configuration;
using NexusGen.Training.Distributed;
using NexusGen.Training.Logging;
using NexusGen.Training.Loop;

namespace NexusGen.Training.Stages;

/// <summary>A stage with a specific configuration and objective.</summary>
/// <typeparam name="TConfiguration">The type of the configuration.</typeparam>
/// <typeparam name="TBatch">The type of the objective's batches.</typeparam>
internal abstract class TrainingStage<TConfiguration, TBatch> : TrainingStage
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
        return Run(request, configuration, stop);
    }

    /// <summary>Runs the stage with settings from code; the configuration file and changes of the request are not read.</summary>
    /// <param name="request">The options of the run.</param>
    /// <param name="configuration">The training configuration.</param>
    /// <param name="stop">Stops the training between two batches. It can be resumed.</param>
    /// <inheritdoc cref="TrainingStage.Run"/>
    internal TrainingReport Run(StageRequest request, TConfiguration configuration, CancellationToken stop = default)
    {
        configuration.Validate(Name);
        if (configuration.Threads is { } threads)
        {
            NativeRuntime.Threads = threads;
        }
        else if (request.Group.Launch.LocalSize > 1)
        {
            NativeRuntime.Threads = request.Group.Launch.Threads(NativeRuntime.Threads, Processors.Online);
        }

        PriorImages.Generate(configuration.Data, request, stop);
        using var files = new ModelFiles(request.Model);
        using var components = new StageComponents(files, configuration, request) { Stop = stop };
        ITrainingObjective<TBatch> task = CreateTask(components, configuration);
        using (task as IDisposable)
        {
            var loop = new Trainer<TBatch>(task, configuration, request.Folder)
            {
                Resume = request.Resume,
                Group = request.Group,
                Progress = request.Progress,
                Console = request.Console,
                Samples = configuration is AdaptableTrainingConfiguration { Samples: not null } adaptable
                    ? new LoraSamples(adaptable, request)
                    : null,
            };
            TrainingReport report = loop.Run(stop);
            if (report.Finished && request.Install && request.Group.IsFirst)
            {
                IReadOnlyList<string> written = configuration is AdaptableTrainingConfiguration { Lora: not null }
                    ? LoraExport.Write(request.Folder, preferBest: configuration.KeepBest)
                    : WeightInstallation.Install(request.Folder, request.Model, preferBest: configuration.KeepBest);
                foreach (string path in written)
                {
                    request.Console?.WriteLine($"wrote {path}");
                }
            }

            return report;
        }
    }

    /// <summary>Creates the training objective.</summary>
    /// <param name="components">Provides the components of the model and the data.</param>
    /// <param name="configuration">The training configuration.</param>
    protected abstract ITrainingObjective<TBatch> CreateTask(StageComponents components, TConfiguration configuration);
}
