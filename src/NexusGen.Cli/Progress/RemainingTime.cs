using NexusGen.Training.Logging;

namespace NexusGen.Cli.Progress;

/// <summary>Estimates the remaining time of similar parts from the time of those that are done.</summary>
/// <param name="parts">The number of parts.</param>
/// <param name="clock">The clock; time counts from the construction.</param>
internal sealed class RemainingTime(int parts, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private int _left = parts;
    private int _done;

    /// <summary>Counts parts that were done.</summary>
    public void Done(int count)
    {
        _done += count;
        _left -= count;
    }

    /// <summary>Counts parts that need not be done and do not contribute to the estimate.</summary>
    public void Skip(int count) => _left -= count;

    /// <summary>
    /// Returns the remaining time, for example <c>, 3 min 20 s left</c>, or an empty string if no part is done yet or none
    /// remains.
    /// </summary>
    public override string ToString() =>
        _done == 0 || _left == 0 ? "" : $", {TrainingProgress.Describe(clock.GetElapsedTime(_start) / _done * _left)} left";
}
