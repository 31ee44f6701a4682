using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Distributed;
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

    /// <summary>
    /// The ranks that train together. Each of them runs a trainer with the same configuration and the same folder. The first one
    /// holds the folder, reports and validates.
    /// </summary>
    public RankGroup Group { get; init; } = RankGroup.Alone;

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
        CheckpointFolder checkpoints = TrainingCheckpoint.Checkpoints(_folder);
        using IDisposable? held = Collectives.Rank == 0 ? Prepare(checkpoints) : null;
        string? resumed = FindCheckpoint(checkpoints);
        if (Collectives.Size > 1)
        {
            Group.WhatRemains = () => checkpoints.Latest is { } latest
                ? $"the last checkpoint is {latest}, from which --resume continues"
                : "there is no checkpoint yet, so start again";
        }

        using var heap = new NativeHeap();
        using var threads = new OperatorThreads(configuration.Threads, configuration.Parallel);
        var checkpoint = new TrainingCheckpoint(task.Weights, task.Groups.SelectMany(group => group.Parameters))
        {
            Collectives = Collectives,
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
        using var optimizer = new AdamW(task.Groups, options, Collectives, configuration.Shard == Shard.Optimizer);
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
        CheckAlike(written, state.Step);
        using TrainingLog? log = Collectives.Rank == 0
            ? new TrainingLog(_folder, configuration, state.Step, Progress, Console)
            : null;
        if (log is not null)
        {
            Announce(log, state, resumed, written);
            File.WriteAllText(Path.Combine(_folder, TrainingCheckpoint.ConfigurationName), written);
        }

        var run = new TrainingLoop<TBatch>(
            task, configuration, optimizer, average, log, checkpoints, checkpoint, written, Collectives)
        {
            Samples = Samples,
        };
        state = run.Train(state with { Seed = configuration.Seed }, SaveWhenStopped, stop);
        return Report(state, checkpoints, log);
    }

    private ICollectives Collectives => Group.Collectives;

    // Done by the first rank alone, before the others look into the folder.
    private FileStream Prepare(CheckpointFolder checkpoints)
    {
        Directory.CreateDirectory(_folder);
        FileStream held = Hold();
        checkpoints.RemoveLeftovers();
        if (checkpoints.Latest is not null && !Resume)
        {
            held.Dispose();
            throw new TrainingException(
                $"{_folder} contains checkpoints of another training; resume it or choose another folder.");
        }

        return held;
    }

    // All ranks resume from the checkpoint that the first one found, which the others see only in a shared folder.
    private string? FindCheckpoint(CheckpointFolder checkpoints)
    {
        long? own = Collectives.Rank == 0 && checkpoints.All is [.., var last] ? last.Step : null;
        double step = Collectives.Gather(own ?? -1)[0][0];
        string? resumed = step < 0 ? null : checkpoints.PathOf((long)step);
        int[] blind =
        [
            .. Collectives.Gather(Directory.Exists(resumed ?? _folder) ? 1 : 0).Index()
                .Where(rank => rank.Item[0] == 0).Select(rank => rank.Index)
        ];
        return blind.Length == 0
            ? resumed
            : throw new TrainingException(
                $"Rank {blind[0]} doesn't see {resumed ?? _folder}; choose an output folder that all machines share.");
    }

    private void CheckAlike(string written, long step)
    {
        if (Collectives.Size == 1)
        {
            return;
        }

        string own = $"{step} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(written)))} "
            + WeightFingerprint.Of(task.Weights.SelectMany(file => file.Tensors).Select(tensor => tensor.Parameter));
        string[] all = Collectives.Gather(own);
        if (Array.FindIndex(all, one => one != all[0]) is > 0 and int other)
        {
            throw new TrainingException(
                $"Rank {other} starts with another configuration, or with other weights, than rank 0; give all machines the same "
                + "files.");
        }
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

    private void Announce(TrainingLog log, TrainingState state, string? resumed, string written)
    {
        long samples = (long)Collectives.Size * configuration.BatchSize * configuration.Accumulate;
        if (Collectives.Size > 1)
        {
            log.Say($"{Collectives.Size} ranks, {samples} samples a step");
        }

        if (resumed is null)
        {
            return;
        }

        log.Say($"resuming after step {state.Step} ({resumed})");
        if (state.StepSamples > 0 && state.StepSamples != samples)
        {
            log.Say($"changed since: samples a step: {state.StepSamples} → {samples}");
        }

        string before = File.ReadAllText(Path.Combine(resumed, TrainingCheckpoint.ConfigurationName));
        foreach (string difference in ConfigurationFile.Differences(before, written))
        {
            log.Say($"changed since: {difference}");
        }
    }

    private TrainingReport Report(TrainingState state, CheckpointFolder checkpoints, TrainingLog? log)
    {
        state = state with { PeakMemory = (long)Collectives.Gather(state.PeakMemory).Max(rank => rank[0]) };

        // The first rank alone removes and completes checkpoints, so the others don't read them.
        (string Path, double Loss)? best = Group.IsFirst ? checkpoints.Best : null;
        var report = new TrainingReport
        {
            Finished = state.Step >= configuration.Steps && !state.ValidationDue,
            Steps = state.Step,
            Samples = state.Samples,
            Hours = state.Hours,
            Flops = state.Flops > 0 ? state.Flops : null,
            PeakMemory = state.PeakMemory,
            BestValidationLoss = best?.Loss,
            LastCheckpoint = Group.IsFirst ? checkpoints.Latest : null,
            BestCheckpoint = best?.Path,
        };
        if (log is null)
        {
            return report;
        }

        var json = new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
        File.WriteAllText(Path.Combine(_folder, "report.json"), JsonSerializer.Serialize(report, json) + "\n");
        log.Say(report.ToString());
        return report;
    }
}
