using System.Diagnostics;
using NexusGen.Imaging;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Gradients;
using NexusGen.Training.Logging;
using NexusGen.Training.Optimization;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Loop;

/// <summary>Runs the steps of a training and saves its checkpoints.</summary>
/// <typeparam name="TBatch">The type of the objective's batches.</typeparam>
internal sealed class TrainingLoop<TBatch>(
    ITrainingObjective<TBatch> task,
    TrainingConfiguration configuration,
    AdamW optimizer,
    WeightAverage? average,
    TrainingLog log,
    CheckpointFolder checkpoints,
    TrainingCheckpoint checkpoint,
    string writtenConfiguration)
{
    private readonly LearningRateSchedule _learningRates = configuration.LearningRates;

    /// <summary>Generates sample images, or null for none.</summary>
    public SampleImages? Samples { get; init; }

    /// <summary>Runs the remaining steps.</summary>
    /// <param name="state">The state to continue from.</param>
    /// <param name="saveWhenStopped">Whether to write a checkpoint when the training is stopped.</param>
    /// <param name="stop">Stops the training between two batches.</param>
    /// <returns>The state at the end.</returns>
    public TrainingState Train(TrainingState state, bool saveWhenStopped, CancellationToken stop)
    {
        TrainingState start = state;
        double bestLoss = checkpoints.Best?.Loss ?? double.PositiveInfinity;
        long begun = Stopwatch.GetTimestamp();
        using var batches = new Prefetcher<(MicroBatch, TBatch)>(
            (number, cancellation) => Prepare(start, number, cancellation),
            0,
            (configuration.Steps - state.Step) * configuration.Accumulate,
            configuration.Workers,
            configuration.Prefetch);
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

            log.Exclude(pause);
        }

        return state;
    }

    private (MicroBatch, TBatch) Prepare(TrainingState start, long number, CancellationToken cancellation)
    {
        (long step, long index) = Math.DivRem(number, configuration.Accumulate);
        long firstSample = start.Samples + (number * configuration.BatchSize);
        var place = new MicroBatch(configuration.Seed, start.Step + step, (int)index, firstSample, configuration.BatchSize);
        return (place, task.Prepare(place, cancellation));
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
        for (int done = 0; done < configuration.Accumulate; done += configuration.Parallel)
        {
            List<(MicroBatch Place, TBatch Batch)> next = [];
            try
            {
                while (next.Count < Math.Min(configuration.Parallel, configuration.Accumulate - done))
                {
                    stop.ThrowIfCancellationRequested();
                    next.Add(batches.Next(stop));
                }

                flops += differentiation.Add(next, losses);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                optimizer.ZeroGradients();
                return null;
            }
            finally
            {
                next.ForEach(pair => (pair.Batch as IDisposable)?.Dispose());
            }
        }

        double norm = configuration.ClipNorm is { } bound ? optimizer.ClipGradients(bound) : optimizer.GradientNorm();
        long samples = state.Samples + ((long)configuration.BatchSize * configuration.Accumulate);
        if (!double.IsFinite(norm))
        {
            throw new TrainingException(
                $"The norm of the gradients is {norm} in step {state.Step} (samples {state.Samples} to {samples - 1}), although "
                + $"the losses are finite{BrokenGradients()}. {RecoveryHint}");
        }

        double learningRate = _learningRates.At(state.Step);
        optimizer.Step(learningRate);
        optimizer.ZeroGradients();
        state = state with { Step = state.Step + 1, Samples = samples, Flops = state.Flops + flops, Validation = null };
        state = state with
        {
            ValidationDue = configuration.ValidateEvery is { } every
                && (state.Step == configuration.Steps || state.Step % every == 0)
        };
        average?.Update(state.Step);
        log.Step(state, losses, learningRate, norm);
        return state;
    }

    // Returns false if it was stopped before it was completed.
    private bool Validate(ref TrainingState state, CancellationToken stop)
    {
        try
        {
            using var scope = NewDisposeScope();
            using IDisposable inference = no_grad();
            using IDisposable? lent = average?.Lend();
            IReadOnlyDictionary<string, double>? values = task.Validate(state.Step, stop);
            state = state with { Validation = values, ValidationDue = false };
            if (values is not null)
            {
                log.Validation(state, values);
            }

            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    // The checkpoint has been written, so whatever goes wrong here costs nothing but the images.
    private void Sample(long step, string? checkpoint, CancellationToken stop)
    {
        if (Samples is null)
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
        string saved = checkpoints.Add(
            state.Step, folder => checkpoint.Write(folder, optimizer, average, state, writtenConfiguration));
        TrainingCheckpoint.Complete(saved, state);
        checkpoints.Thin(configuration.KeepLast, configuration.KeepBest);
        return saved;
    }

    // The names of the tensors distinguish a defective layer from a diverged training. Those listed are the last ones, nearest to
    // the loss.
    private string BrokenGradients()
    {
        const int shown = 3;
        HashSet<Parameter> broken = [.. optimizer.WithoutFiniteGradient()];
        string[] names =
        [
            .. task.Weights.SelectMany(weights => weights.Tensors)
                .Where(tensor => broken.Contains(tensor.Parameter))
                .Select(tensor => tensor.Name)
        ];
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
