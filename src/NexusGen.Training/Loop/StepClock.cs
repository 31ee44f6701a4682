using System.Diagnostics;
using NexusGen.Training.Distributed;
using NexusGen.Training.Logging;

namespace NexusGen.Training.Loop;

/// <summary>Measures what the steps of this rank consist of.</summary>
internal sealed class StepClock
{
    private double _compute, _data, _exchange;
    private long _steps;

    /// <summary>Measures forward and backward passes, and the optimizer.</summary>
    public T Compute<T>(Func<T> work) => Measure(work, ref _compute);

    /// <summary>Measures the wait for a batch.</summary>
    public T Data<T>(Func<T> work) => Measure(work, ref _data);

    /// <summary>Measures an exchange with other ranks.</summary>
    public T Exchange<T>(Func<T> work) => Measure(work, ref _exchange);

    /// <summary>Measures forward and backward passes, and the optimizer.</summary>
    public void Compute(Action work) => Measure(() => Done(work), ref _compute);

    /// <summary>Measures an exchange with other ranks.</summary>
    public void Exchange(Action work) => Measure(() => Done(work), ref _exchange);

    /// <summary>Counts a step.</summary>
    public void Step() => _steps++;

    /// <summary>Returns the means of all ranks since the last call. All ranks call this.</summary>
    /// <param name="collectives">The ranks.</param>
    /// <param name="memory">The peak memory of this process in bytes.</param>
    public IReadOnlyList<RankTime> Collect(ICollectives collectives, long memory)
    {
        double steps = Math.Max(1, _steps);
        double[][] all = collectives.Gather(_compute / steps, _data / steps, _exchange / steps, memory);
        (_compute, _data, _exchange, _steps) = (0, 0, 0, 0);
        return [.. all.Select(rank => new RankTime(rank[0], rank[1], rank[2], rank[3]))];
    }

    private static bool Done(Action work)
    {
        work();
        return true;
    }

    private static T Measure<T>(Func<T> work, ref double sum)
    {
        long start = Stopwatch.GetTimestamp();
        T result = work();
        sum += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return result;
    }
}
