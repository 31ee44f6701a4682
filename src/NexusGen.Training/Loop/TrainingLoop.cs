using System.Diagnostics;
using System.Text.Json;
using NexusGen.Imaging;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Distributed;
using NexusGen.Training.Gradients;
using NexusGen.Training.Logging;
using NexusGen.Training.Optimization;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Loop;

/// <summary>
/// Runs the steps of a training and saves its checkpoints. Several ranks run the same steps, each with its part of every batch.
/// </summary>
/// <typeparam name="TBatch">The type of the objective's batches.</typeparam>
internal sealed class TrainingLoop<TBatch>(
    ITrainingObjective<TBatch> task,
    TrainingConfiguration configuration,
    AdamW optimizer,
    WeightAverage? average,
    TrainingLog? log,
    CheckpointFolder checkpoints,
    TrainingCheckpoint checkpoint,
    string writtenConfiguration,
    ICollectives collectives)
{
    private readonly LearningRateSchedule _learningRates = configuration.LearningRates;
    private readonly StepClock _clock = new();
    private readonly StepReader<TBatch> _reader = new(task, configuration, collectives);

    /// <summary>Generates sample images, or null for none.</summary>
    public SampleImages? Samples { get; init; }

    /// <summary>Runs the remaining steps.</summary>
    /// <param name="state">The state to continue from.</param>
    /// <param name="saveWhenStopped">Whether to write a checkpoint when the training is stopped.</param>
    /// <param name="stop">Stops the training between two batches, on any rank.</param>
    /// <returns>The state at the end.</returns>
    public TrainingState Train(TrainingState state, bool saveWhenStopped, CancellationToken stop)
    {
        state = state with { Ranks = collectives.Size, StepSamples = _reader.StepSamples };
        TrainingState start = state;
        double bestLoss = BestLoss();
        long begun = Stopwatch.GetTimestamp();
        using Prefetcher<(MicroBatch, TBatch)> batches = _reader.Prefetch(start);
        if (state.Step == 0)
        {
            Sample(0, null, stop);
        }

        using var differentiation = new GradientAccumulator<TBatch>(task, configuration, optimizer, () => RecoveryHint);
        while (state.Step < configuration.Steps || state.ValidationDue)
        {
            // True only if a resumed training was stopped before its validation.
            bool late = state.ValidationDue, stopped = false;
            if (!late)
            {
                TrainingState? next = TakeStep(state, batches, differentiation, stop);
                stopped = next is null;
                state = (next ?? state) with { PeakMemory = Math.Max(state.PeakMemory, PeakMemory()) };
            }

            long pause = Stopwatch.GetTimestamp();
            if (state.ValidationDue)
            {
                stopped = !Validate(ref state, stop);
            }

            state = state with { Hours = start.Hours + Stopwatch.GetElapsedTime(begun).TotalHours };
            if (stopped)
            {
                if (saveWhenStopped && state.Step > 0)
                {
                    Save(state);
                }

                return state;
            }

            bool best = configuration.KeepBest && state.ValidationLoss < bestLoss;
            bestLoss = Math.Min(bestLoss, state.ValidationLoss ?? bestLoss);
            bool sampled = Samples is { } samples && (state.Step == configuration.Steps || state.Step % samples.Every == 0);
            if (state.Step == configuration.Steps || best || late || sampled
                || state.Step % configuration.CheckpointEvery == 0)
            {
                string saved = Save(state);
                if (sampled)
                {
                    Sample(state.Step, saved, stop);
                }
            }

            log?.Exclude(pause);
        }

        return state;
    }

    // Runs one optimizer step. Returns null if it was stopped before the step was complete.
    private TrainingState? TakeStep(
        TrainingState state,
        Prefetcher<(MicroBatch, TBatch)> batches,
        GradientAccumulator<TBatch> differentiation,
        CancellationToken stop)
    {
        Dictionary<string, double> losses = [];
        double flops = 0;
        optimizer.ZeroGradients();
        foreach (IReadOnlyList<(MicroBatch, TBatch, LossShares)>? some in _reader.Step(batches, _clock, stop))
        {
            if (some is null)
            {
                optimizer.ZeroGradients();
                return null;
            }

            flops += _clock.Compute(() => differentiation.Add(some, losses));
        }

        _clock.Exchange(() =>
        {
            optimizer.ReduceGradients();
            (losses, flops) = Sum(losses, flops);
        });
        double norm = configuration.ClipNorm is { } bound ? optimizer.ClipGradients(bound) : optimizer.GradientNorm();
        long samples = state.Samples + _reader.StepSamples;
        if (!double.IsFinite(norm))
        {
            throw new TrainingException(
                $"The norm of the gradients is {norm} in step {state.Step} (samples {state.Samples} to {samples - 1}), although "
                + $"the losses are finite{BrokenGradients()}. {RecoveryHint}");
        }

        double learningRate = _learningRates.At(state.Step);
        _clock.Compute(() => optimizer.Step(learningRate));
        _clock.Exchange(optimizer.GatherWeights);
        optimizer.ZeroGradients();
        state = state with { Step = state.Step + 1, Samples = samples, Flops = state.Flops + flops, Validation = null };
        state = state with
        {
            ValidationDue = configuration.ValidateEvery is { } every
                && (state.Step == configuration.Steps || state.Step % every == 0)
        };
        average?.Update(state.Step);
        _clock.Step();
        IReadOnlyList<RankTime>? ranks = collectives.Size > 1 && TrainingLog.IsDue(configuration, state.Step)
            ? _clock.Collect(collectives, PeakMemory())
            : null;
        log?.Step(state, losses, learningRate, norm, ranks);
        return state;
    }

    // Adds what is reported over all ranks. Every rank has the same names in the same order.
    private (Dictionary<string, double> Losses, double Flops) Sum(Dictionary<string, double> losses, double flops)
    {
        double[] sums = collectives.Sum([.. losses.Values, flops]);
        return (losses.Keys.Zip(sums).ToDictionary(), sums[^1]);
    }

    // The first rank validates while the others wait. Returns false if it was stopped before it was completed.
    private bool Validate(ref TrainingState state, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        using IDisposable? lent = average?.Lend();
        string? result = collectives.Rank == 0 ? Validate(state.Step, stop) : null;
        result = collectives.Broadcast(result);
        if (result is null)
        {
            return false;
        }

        IReadOnlyDictionary<string, double>? values =
            JsonSerializer.Deserialize<Dictionary<string, double>>(result, TrainingState.Options);
        state = state with { Validation = values, ValidationDue = false };
        if (values is not null)
        {
            log?.Validation(state, values);
        }

        return true;
    }

    private string? Validate(long step, CancellationToken stop)
    {
        try
        {
            return JsonSerializer.Serialize(task.Validate(step, stop), TrainingState.Options);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private double BestLoss()
    {
        double best = collectives.Rank == 0 ? checkpoints.Best?.Loss ?? double.PositiveInfinity : 0;
        return collectives.Gather(best)[0][0];
    }

    // The checkpoint has been written, so whatever goes wrong here costs nothing but the images.
    private void Sample(long step, string? checkpoint, CancellationToken stop)
    {
        if (Samples is null || log is null)
        {
            return;
        }

        try
        {
            foreach ((int i, RgbImage image) in Samples.Generate(step, checkpoint, stop).Index())
            {
                log.Image(step, $"sample/{i + 1}", image);
            }
        }
        catch (Exception e) when (!(e is OperationCanceledException && stop.IsCancellationRequested))
        {
            log.Say($"The sample images of step {step} could not be generated: {e.Message.Split('\n')[0]}");
        }
        catch (OperationCanceledException)
        {
            // The loop notices it and ends as usual.
        }
    }

    private string Save(TrainingState state)
    {
        state = state with { PeakMemory = (long)collectives.Gather(state.PeakMemory).Max(rank => rank[0]) };
        string saved = checkpoints.Add(
            state.Step, folder => checkpoint.Write(folder, optimizer, average, state, writtenConfiguration), collectives);
        if (collectives.Rank == 0)
        {
            TrainingCheckpoint.Complete(saved, state);
            checkpoints.Thin(configuration.KeepLast, configuration.KeepBest);
        }

        return saved;
    }

    // The names of the tensors distinguish a defective layer from a diverged training. Those listed are the last ones, nearest to
    // the loss. Each rank names those whose gradients it has.
    private string BrokenGradients()
    {
        const int shown = 3;
        HashSet<Parameter> broken = [.. optimizer.WithoutFiniteGradient()];
        string[] all = [.. task.Weights.SelectMany(weights => weights.Tensors).Select(tensor => tensor.Name)];
        string own = string.Join('\n', task.Weights.SelectMany(weights => weights.Tensors)
            .Where(tensor => broken.Contains(tensor.Parameter))
            .Select(tensor => tensor.Name));
        HashSet<string> anywhere = [.. collectives.Gather(own).SelectMany(some => some.Split('\n'))];
        string[] names = [.. all.Where(anywhere.Contains)];
        string more = names.Length > shown ? $" and {names.Length - shown} more" : "";
        return names.Length == 0 ? "" : $", unlike the gradients of {string.Join(", ", names.TakeLast(shown))}{more}";
    }

    private string RecoveryHint =>
        checkpoints.Latest is { } latest
            ? $"The checkpoint {latest} is intact: resume from it with a lower learning rate or a smaller clip_norm, or check "
                + "these samples."
            : "Start again with a lower learning rate or a smaller clip_norm, or check these samples.";

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
