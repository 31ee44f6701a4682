using System.Diagnostics;
using System.Globalization;
using NexusGen.Requests;

namespace NexusGen.Cli.Progress;

/// <summary>Reports at the end the time of each stage and the peak memory.</summary>
/// <param name="inner">Shows the progress meanwhile; disposed with this object.</param>
/// <param name="writer">Receives the table.</param>
/// <param name="clock">The clock.</param>
internal sealed class TimedProgress(ProgressDisplay inner, TextWriter writer, TimeProvider clock) : ProgressDisplay
{
    private readonly Lock _lock = new();
    private readonly List<string> _order = [];
    private readonly Dictionary<string, TimeSpan> _spent = [];
    private readonly TimeSpan _before = SinceStart();
    private long _last = clock.GetTimestamp();
    private string _phase = "preparing";

    /// <inheritdoc/>
    public override void Report(ProgressReport value)
    {
        lock (_lock)
        {
            // A report comes when work is done, so the elapsed time belongs to its phase; only loading is also reported when it
            // starts.
            string phase = Describe(value with { Completed = 0, Total = null });
            Add(value is { Phase: ProgressPhase.Loading, Completed: 0 } ? _phase : phase);
            _phase = phase;
        }

        inner.Report(value);
    }

    /// <inheritdoc/>
    public override void Pause() => inner.Pause();

    /// <inheritdoc/>
    public override void Dispose()
    {
        inner.Dispose();
        lock (_lock)
        {
            Add("finishing");
            writer.WriteLine(Line("startup", _before));
            foreach (string phase in _order)
            {
                writer.WriteLine(Line(phase, _spent[phase]));
            }

            using var process = Process.GetCurrentProcess();
            writer.WriteLine(Line("total", _before + _spent.Values.Aggregate(TimeSpan.Zero, (sum, time) => sum + time)));
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{"peak memory",-40} {process.PeakWorkingSet64 / 1e9,10:0.00} GB, including mapped files"));
        }
    }

    private static TimeSpan SinceStart()
    {
        using var process = Process.GetCurrentProcess();
        return DateTime.Now - process.StartTime;
    }

    private static string Line(string phase, TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{phase,-40} {time.TotalSeconds,10:0.00} s");

    private void Add(string phase)
    {
        long now = clock.GetTimestamp();
        if (!_spent.ContainsKey(phase))
        {
            _order.Add(phase);
        }

        _spent[phase] = _spent.GetValueOrDefault(phase) + clock.GetElapsedTime(_last, now);
        _last = now;
    }
}
