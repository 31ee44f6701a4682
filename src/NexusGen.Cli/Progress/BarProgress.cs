using NexusGen.Requests;

namespace NexusGen.Cli.Progress;

/// <summary>
/// Shows progress on a screen as one animated line, which disappears when it is no longer needed.
/// </summary>
/// <param name="writer">The screen, which understands the escape sequences of ANSI.</param>
/// <param name="width">Returns the present number of columns, or 0 or less if it is not known.</param>
/// <param name="clock">The clock.</param>
internal sealed class BarProgress(TextWriter writer, Func<int> width, TimeProvider clock) : ProgressDisplay
{
    private readonly Lock _lock = new();
    private State? _state;
    private AnimatedLine? _drawing;
    private bool _ended;

    /// <inheritdoc/>
    public override void Report(ProgressReport value)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            bool same = _state is { Report: { } last } && (last.Phase, last.Detail) == (value.Phase, value.Detail)
                && last.Completed <= value.Completed;
            Volatile.Write(
                ref _state,
                same ? _state! with { Report = value } : new State(value, value.Completed, clock.GetTimestamp()));
            _drawing ??= new AnimatedLine(writer, Line);
        }
    }

    /// <inheritdoc/>
    public override void Pause()
    {
        lock (_lock)
        {
            _drawing?.Stop();
            _drawing = null;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
        }

        Pause();
    }

    private string Line(int tick)
    {
        (ProgressReport report, int first, long since) = Volatile.Read(ref _state)!;
        double? fraction = report.Total is > 0 and int total ? (double)report.Completed / total : null;
        int done = report.Completed - first;
        TimeSpan? remaining = fraction is not null && done > 0
            ? clock.GetElapsedTime(since) / done * Math.Max(0, report.Total!.Value - report.Completed)
            : null;
        int columns = width();
        bool unicode = writer.Encoding.WebName.StartsWith("utf", StringComparison.OrdinalIgnoreCase);
        return ProgressLine.Format(Describe(report), fraction, remaining, tick, columns > 0 ? columns : 80, unicode);
    }

    private sealed record State(ProgressReport Report, int First, long Since);
}
