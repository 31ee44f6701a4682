using System.Diagnostics;
using System.Globalization;
using NexusGen.Requests;

namespace NexusGen.Cli.Progress;

/// <summary>Tells at the end where the time went, stage by stage, and how much memory was held at most.</summary>
/// <param name="inner">Shows the progress meanwhile; disposed with this.</param>
/// <param name="writer">Where the table goes.</param>
/// <param name="clock">The time.</param>
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
            // A report comes when something is done, so the time belongs to it; only a loading is announced at its begin.
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
            Add("ending");
            writer.WriteLine(Line("starting the program", _before));
            foreach (string phase in _order)
            {
                writer.WriteLine(Line(phase, _spent[phase]));
            }

            using var process = Process.GetCurrentProcess();
            writer.WriteLine(Line("in all", _before + _spent.Values.Aggregate(TimeSpan.Zero, (sum, time) => sum + time)));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"memory at most",-40} {process.PeakWorkingSet64 / 1e9,10:0.00} GB, mapped files included"));
        }
    }

    private static TimeSpan SinceStart()
    {
        using var process = Process.GetCurrentProcess();
        return DateTime.Now - process.StartTime;
    }

    private static string Line(string phase, TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{phase,-40} {time.TotalSeconds,10:0.00} s");

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
