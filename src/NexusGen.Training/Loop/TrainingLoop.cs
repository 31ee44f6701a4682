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
/// Trains a task to its end, from nothing or from its last checkpoint. A training that was broken off, by whatever, goes on to
/// the same losses bit by bit as one that was not, on the same machine with the same number of threads.
/// </summary>
/// <remarks>
/// In the training's folder lie <c>configuration.yaml</c>, <c>checkpoints/</c> (<see cref="TrainingCheckpoint"/>),
/// <c>metrics.jsonl</c>, <c>events/</c> for TensorBoard and <c>report.json</c>. The caller's thread computes, and where
/// <see cref="TrainingConfiguration.Parallel"/> is more than 1 others beside it. Until it ends, the process keeps the memory that it
/// frees; with glibc that helps most on the program's first thread, whose heap has no bounds.
/// </remarks>
/// <typeparam name="TBatch">The task's batches.</typeparam>
/// <param name="task">What is trained; stays the caller's.</param>
/// <param name="configuration">How.</param>
/// <param name="folder">The training's folder; it is made where it is missing.</param>
public sealed class TrainingLoop<TBatch>(ITrainingTask<TBatch> task, TrainingConfiguration configuration, string folder)
{
    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Whether to go on from the last checkpoint where there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether a stopped training writes a checkpoint of its last whole step.</summary>
    public bool SaveWhenStopped { get; init; } = true;

    /// <summary>Hears of each report; nobody where null.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Gets the reports as lines; nothing where null.</summary>
    public TextWriter? Console { get; init; }

    /// <summary>Called after each part of a checkpoint is written; for tests that end the process there.</summary>
    internal Action<string>? PartWritten { get; init; }

    /// <summary>Trains until the last step, or until it is stopped.</summary>
    /// <param name="stop">Stops it between two batches; what was accumulated for a step that isn't whole is dropped.</param>
    /// <returns>What it came to; <see cref="TrainingReport.Finished"/> says whether it was stopped.</returns>
    /// <exception cref="TrainingException">
    /// A loss or gradient is not a number (the weights are those before that step, and the last checkpoint stands), the folder is
    /// in use or holds another training, or a checkpoint can't be read or written.
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
            throw new TrainingException($"{_folder} holds checkpoints of another training: resume it, or name another folder.");
        }

        using var heap = new NativeHeap();
        using var threads = new OperatorThreads(configuration.Threads, configuration.Parallel);
        var checkpoint = new TrainingCheckpoint(task.Weights, task.Groups.SelectMany(group => group.Parameters)) { PartWritten = PartWritten };
        if (resumed is not null)
        {
            checkpoint.ReadWeights(resumed);
        }

        var options = new AdamWOptions { Beta1 = configuration.Beta1, Beta2 = configuration.Beta2, Epsilon = configuration.Epsilon };
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
        var run = new TrainingRun<TBatch>(task, configuration, optimizer, average, log, checkpoints, checkpoint, written);
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
            throw new TrainingException($"{_folder} can't be trained in: another training uses it, or it can't be written ({e.Message}).", e);
        }
    }

    private static void Announce(TrainingLog log, TrainingState state, string? resumed, string configuration)
    {
        if (resumed is null)
        {
            return;
        }

        log.Say($"going on after step {state.Step} ({resumed})");
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
