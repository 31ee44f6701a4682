using NexusGen.Requests;

namespace NexusGen.Cli.Progress;

/// <summary>Progress for files and pipes: a line at most every ten seconds, so that short work says nothing.</summary>
/// <param name="writer">Where the lines go.</param>
/// <param name="clock">The time.</param>
internal sealed class LineProgress(TextWriter writer, TimeProvider clock) : ProgressDisplay
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _last = clock.GetTimestamp();

    /// <inheritdoc/>
    public override void Report(ProgressReport value)
    {
        lock (_lock)
        {
            if (clock.GetElapsedTime(_last) >= Pace)
            {
                _last = clock.GetTimestamp();
                writer.WriteLine(Describe(value));
            }
        }
    }
}
