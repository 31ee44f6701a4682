using System.Text.Json;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Logging;
using NexusGen.Training.Optimization;

namespace NexusGen.Training.Loop;

/// <summary>
/// Trains an objective to its last step, from the beginning or from the last checkpoint. A training that was interrupted for any
/// reason and resumed has bitwise the same losses as an uninterrupted one, on the same machine and with the same number of
/// threads.
/// </summary>
/// <remarks>
/// The folder of a training contains <c>configuration.yaml</c>, <c>checkpoints/</c> (<see cref="TrainingCheckpoint"/>),
/// <c>metrics.jsonl</c>, <c>events/</c> for TensorBoard and <c>report.json</c>. The caller's thread computes; if
/// <see cref="TrainingConfiguration.Parallel"/> is more than 1, other threads compute in parallel with it. Until the training
/// ends, the process keeps the memory that it frees. With glibc, this is most effective on the main thread of the program,
/// whose heap is unbounded.
/// </remarks>
/// <typeparam name="TBatch">The type of the objective's batches.</typeparam>
/// <param name="task">The objective. The caller owns it.</param>
/// <param name="configuration">The training configuration.</param>
/// <param name="folder">The folder of the training, which is created if it is missing.</param>
internal sealed class Trainer<TBatch>(ITrainingObjective<TBatch> task, TrainingConfiguration configuration, string folder)
{
    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Whether to resume from the last checkpoint, if there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether a stopped training writes a checkpoint of its last complete step.</summary>
    public bool SaveWhenStopped { get; init; } = true;

    /// <summary>Receives each report, or null for none.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Receives each report as a line of text, or null for none.</summary>
    public TextWriter? Console { get; init; }

    /// <summary>Generates sample images, or null for none. Their failure does not end the training.</summary>
    public SampleImages? Samples { get; init; }

    /// <summary>Called after each file of a checkpoint is written. For tests that end the process at that point.</summary>
    internal Action<string>? PartWritten { get; init; }

    /// <summary>Trains until the last step, or until it is stopped.</summary>
    /// <param name="stop">Stops the training between two batches. The gradients of an incomplete step are discarded.</param>
    /// <returns>A summary of the training, whose <see cref="TrainingReport.Finished"/> is false if it was stopped.</returns>
    /// <exception cref="TrainingException">
    /// A loss or gradient is not finite (the weights are those before that step, and the last checkpoint is kept), the folder is
    /// in use or contains another training, or a checkpoint can't be read or written.
    /// </exception>
    public TrainingReport Run(CancellationToken stop = default)
    {
        Directory.CreateDirectory(_folder);
        using FileStream held = Hold();
        CheckpointFolder checkpoints = TrainingCheckpoint.Checkpoints(_folder);
        checkpoints.RemoveLeftovers();
        string? resumed = checkpoints.Latest;
        if (resumed is not null && !Resume)
        {
            throw new TrainingException(
                $"{_folder} contains checkpoints of another training; resume it or choose another folder.");
        }

        using var heap = new NativeHeap();
        using var threads = new OperatorThreads(configuration.Threads, configuration.Parallel);
        var checkpoint = new TrainingCheckpoint(task.Weights, task.Groups.SelectMany(group => group.Parameters))
        {
            PartWritten = PartWritten
        };
        if (resumed is not null)
        {
            checkpoint.ReadWeights(resumed);
        }

        var options = new AdamWOptions
        {
            Beta1 = configuration.Beta1,
            Beta2 = configuration.Beta2,
            Epsilon = configuration.Epsilon
        };
        using var optimizer = new AdamW(task.Groups, options);
        var state = new TrainingState { Seed = configuration.Seed };
        if (resumed is not null)
        {
            state = TrainingState.Read(Path.Combine(resumed, TrainingCheckpoint.StateName));
            checkpoint.ReadOptimizer(resumed, optimizer, state);
        }

        using WeightAverage? average = configuration.EmaDecay is { } decay ? new WeightAverage(optimizer, decay) : null;
        if (resumed is not null && average is not null)
        {
            checkpoint.ReadAverage(resumed, average);
        }

        string written = ConfigurationFile.Write(configuration);
        using var log = new TrainingLog(_folder, configuration, state.Step, Progress, Console);
        Announce(log, state, resumed, written);
        File.WriteAllText(Path.Combine(_folder, TrainingCheckpoint.ConfigurationName), written);
        var run = new TrainingLoop<TBatch>(task, configuration, optimizer, average, log, checkpoints, checkpoint, written)
        {
            Samples = Samples,
        };
        state = run.Train(state with { Seed = configuration.Seed }, SaveWhenStopped, stop);
        return Report(state, checkpoints, log);
    }

    private FileStream Hold()
    {
        string path = Path.Combine(_folder, ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException(
                $"The folder {_folder} is in use by another training or can't be written to ({e.Message}).", e);
        }
    }

    private static void Announce(TrainingLog log, TrainingState state, string? resumed, string configuration)
    {
        if (resumed is null)
        {
            return;
        }

        log.Say($"resuming after step {state.Step} ({resumed})");
        string before = File.ReadAllText(Path.Combine(resumed, TrainingCheckpoint.ConfigurationName));
        foreach (string difference in ConfigurationFile.Differences(before, configuration))
        {
            log.Say($"changed since: {difference}");
        }
    }

    private TrainingReport Report(TrainingState state, CheckpointFolder checkpoints, TrainingLog log)
    {
        (string Path, double Loss)? best = checkpoints.Best;
        var report = new TrainingReport
        {
            Finished = state.Step >= configuration.Steps && !state.ValidationDue,
            Steps = state.Step,
            Samples = state.Samples,
            Hours = state.Hours,
            Flops = state.Flops > 0 ? state.Flops : null,
            PeakMemory = state.PeakMemory,
            BestValidationLoss = best?.Loss,
            LastCheckpoint = checkpoints.Latest,
            BestCheckpoint = best?.Path,
        };
        var json = new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
        File.WriteAllText(Path.Combine(_folder, "report.json"), JsonSerializer.Serialize(report, json) + "\n");
        log.Say(report.ToString());
        return report;
    }
}
