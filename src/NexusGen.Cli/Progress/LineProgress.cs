using NexusGen.Requests;

namespace NexusGen.Cli.Progress;

/// <summary>Writes progress to files and pipes: at most one line every ten seconds, so short work writes none.</summary>
/// <param name="writer">Receives the lines.</param>
/// <param name="clock">The clock.</param>
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
