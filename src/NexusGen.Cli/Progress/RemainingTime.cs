using NexusGen.Training.Logging;

namespace NexusGen.Cli.Progress;

/// <summary>How long the rest of some like parts will take, estimated by those that are done.</summary>
/// <param name="parts">How many parts there are.</param>
/// <param name="clock">The time, which counts from now.</param>
internal sealed class RemainingTime(int parts, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private int _left = parts;
    private int _done;

    /// <summary>Parts were done.</summary>
    public void Done(int count)
    {
        _done += count;
        _left -= count;
    }

    /// <summary>Parts need not be done, and tell nothing of how long the others take.</summary>
    public void Skip(int count) => _left -= count;

    /// <summary><c>, 3 min 20 s left</c>; nothing where no part is done yet, and where none is left.</summary>
    public override string ToString() =>
        _done == 0 || _left == 0 ? "" : $", {TrainingProgress.Describe(clock.GetElapsedTime(_start) / _done * _left)} left";
}
