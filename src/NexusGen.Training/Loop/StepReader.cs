using NexusGen.Training.Checkpoints;
using NexusGen.Training.Configuration;
using NexusGen.Training.Data;
using NexusGen.Training.Distributed;
using NexusGen.Training.Gradients;

namespace NexusGen.Training.Loop;

/// <summary>
/// Reads the batches of each step. Every batch is divided among the ranks: with N of them, rank r has the r-th of N consecutive
/// groups of samples, so that the ranks together train on what one process with N times the batch size would.
/// </summary>
/// <typeparam name="TBatch">The type of the objective's batches.</typeparam>
internal sealed class StepReader<TBatch>(
    ITrainingObjective<TBatch> task, TrainingConfiguration configuration, ICollectives collectives)
{
    private readonly bool _counts = configuration.LossMean == LossMean.Step
        && configuration.Accumulate * collectives.Size > 1;

    /// <summary>Gets the number of samples of a step, over all ranks.</summary>
    public long StepSamples => (long)configuration.BatchSize * configuration.Accumulate * collectives.Size;

    /// <summary>Starts to make the batches of this rank in advance.</summary>
    /// <param name="start">The state from which the training continues.</param>
    public Prefetcher<(MicroBatch, TBatch)> Prefetch(TrainingState start) => new(
        (number, cancellation) => Prepare(start, number, cancellation),
        0,
        (configuration.Steps - start.Step) * configuration.Accumulate,
        configuration.Workers,
        _counts ? Math.Max(configuration.Prefetch, configuration.Accumulate) : configuration.Prefetch);

    /// <summary>Reads the batches of a step that are computed in parallel, one group after the other.</summary>
    /// <param name="batches">The batches of this rank.</param>
    /// <param name="clock">Measures the waiting.</param>
    /// <param name="stop">Stops the reading.</param>
    /// <returns>
    /// The batches with their shares in the step, which are disposed when the next ones are requested; null if the training is
    /// stopped on any rank.
    /// </returns>
    public IEnumerable<IReadOnlyList<(MicroBatch Place, TBatch Batch, LossShares Shares)>?> Step(
        Prefetcher<(MicroBatch, TBatch)> batches, StepClock clock, CancellationToken stop)
    {
        // The shares follow from the contents of all batches of the step, so these are read before the first one is computed.
        int ahead = _counts ? configuration.Accumulate : configuration.Parallel;
        for (int done = 0; done < configuration.Accumulate; done += ahead)
        {
            List<(MicroBatch Place, TBatch Batch)> next = [];
            try
            {
                if (!Read(batches, next, Math.Min(ahead, configuration.Accumulate - done), clock, stop))
                {
                    yield return null;
                    yield break;
                }

                LossShares[] shares = SharesOf(next, clock);
                for (int first = 0; first < next.Count; first += configuration.Parallel)
                {
                    if (first > 0 && IsStopped(clock, stop))
                    {
                        yield return null;
                        yield break;
                    }

                    int count = Math.Min(configuration.Parallel, next.Count - first);
                    yield return
                        [.. Enumerable.Range(first, count).Select(i => (next[i].Place, next[i].Batch, shares[i]))];
                    for (int i = first; i < first + count; i++)
                    {
                        (next[i].Batch as IDisposable)?.Dispose();
                    }
                }
            }
            finally
            {
                next.ForEach(pair => (pair.Batch as IDisposable)?.Dispose());
            }
        }
    }

    private (MicroBatch, TBatch) Prepare(TrainingState start, long number, CancellationToken cancellation)
    {
        (long step, long index) = Math.DivRem(number, configuration.Accumulate);
        int whole = configuration.BatchSize * collectives.Size;
        long first = start.Samples + (number * whole);
        var place = new MicroBatch(
            configuration.Seed, start.Step + step, (int)index, first + ((long)collectives.Rank * configuration.BatchSize),
            configuration.BatchSize)
        {
            FirstOfWhole = first,
            WholeCount = whole,
        };
        return (place, task.Prepare(place, cancellation));
    }

    private bool Read(
        Prefetcher<(MicroBatch, TBatch)> batches, List<(MicroBatch, TBatch)> next, int count, StepClock clock,
        CancellationToken stop)
    {
        if (IsStopped(clock, stop))
        {
            return false;
        }

        try
        {
            while (next.Count < count)
            {
                // The ranks must agree on when they stop. One that waits alone could not tell the others.
                CancellationToken alone = collectives.Size == 1 ? stop : CancellationToken.None;
                alone.ThrowIfCancellationRequested();
                next.Add(clock.Data(() => batches.Next(alone)));
            }

            return true;
        }
        catch (OperationCanceledException) when (collectives.Size == 1 && stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private bool IsStopped(StepClock clock, CancellationToken stop) =>
        clock.Exchange(() => collectives.Any(stop.IsCancellationRequested));

    private LossShares[] SharesOf(List<(MicroBatch Place, TBatch Batch)> batches, StepClock clock)
    {
        if (!_counts)
        {
            var equal = LossShares.Equal(configuration.Accumulate * collectives.Size);
            return [.. batches.Select(_ => equal)];
        }

        LossCounts[] counts = [.. batches.Select(pair => task.Count(pair.Place, pair.Batch))];
        LossCounts own = counts.Aggregate((a, b) => a + b);
        double[] sums = clock.Exchange(() => collectives.Sum(own.ToArray()));
        var step = new LossCounts(sums[0], sums[1], sums[2], sums[3]);
        return [.. counts.Select(count => LossShares.Of(count, step))];
    }
}
