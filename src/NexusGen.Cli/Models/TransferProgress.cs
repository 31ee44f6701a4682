using System.Globalization;
using NexusGen.Cli.Core;
using NexusGen.Cli.Options;
using NexusGen.Cli.Progress;
using NexusGen.Conversion;
using NexusGen.Hub;

namespace NexusGen.Cli.Models;

/// <summary>
/// Shows how far files are fetched or converted, how fast, and how long it will take. Reports may come from any thread.
/// </summary>
internal sealed class TransferProgress : IProgress<PullProgress>, IProgress<ConversionProgress>, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(10);

    private readonly Terminal _terminal;
    private readonly bool _quiet;
    private readonly string _things;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private PullProgress? _first;
    private PullProgress _now;
    private long _start;
    private long _lastLine;
    private AnimatedLine? _line;

    /// <summary>Initializes the display.</summary>
    /// <param name="terminal">The standard streams.</param>
    /// <param name="quiet">Whether nothing is shown.</param>
    /// <param name="clock">The clock, or null for the system's.</param>
    /// <param name="things">What is counted beside bytes.</param>
    public TransferProgress(Terminal terminal, bool quiet, TimeProvider? clock = null, string things = "files")
    {
        (_terminal, _quiet, _clock, _things) = (terminal, quiet, clock ?? TimeProvider.System, things);
        _lastLine = _clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Report(PullProgress value)
    {
        if (_quiet)
        {
            return;
        }

        lock (_gate)
        {
            if (_first is null)
            {
                (_first, _start) = (value, _clock.GetTimestamp());
            }

            _now = value;
            if (_terminal.ShowsProgress)
            {
                _line ??= new AnimatedLine(_terminal.Error, Line);
            }
            else if (_clock.GetElapsedTime(_lastLine) >= Pace)
            {
                _lastLine = _clock.GetTimestamp();
                (string text, _, TimeSpan? left) = Describe();
                _terminal.Error.WriteLine(left is { } time ? $"{text}, {(int)Math.Ceiling(time.TotalMinutes)} min left" : text);
            }
        }
    }

    /// <inheritdoc/>
    public void Report(ConversionProgress value) =>
        Report(new PullProgress(value.Bytes, value.TotalBytes, value.Tensors, value.TotalTensors, value.Current));

    /// <inheritdoc/>
    public void Dispose() => _line?.Stop();

    private string Line(int tick)
    {
        lock (_gate)
        {
            (string text, double? fraction, TimeSpan? left) = Describe();
            int columns = _terminal.Columns();
            bool unicode = _terminal.Error.Encoding.WebName.StartsWith("utf", StringComparison.OrdinalIgnoreCase);
            return ProgressLine.Format(text, fraction, left, tick, columns > 0 ? columns : 80, unicode);
        }
    }

    private (string Text, double? Fraction, TimeSpan? Left) Describe()
    {
        double seconds = _clock.GetElapsedTime(_start).TotalSeconds;
        double speed = seconds < 0.5 ? 0 : (_now.Bytes - _first!.Value.Bytes) / seconds;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{ByteSize.Format(_now.Bytes)} of {ByteSize.Format(_now.TotalBytes)}, {_now.Files} of {_now.TotalFiles} {_things}");
        text += speed > 0 ? $", {ByteSize.Format((long)speed)}/s" : "";
        TimeSpan? left = speed > 0 && _now.TotalBytes > _now.Bytes
            ? TimeSpan.FromSeconds(Math.Min((_now.TotalBytes - _now.Bytes) / speed, 3_000_000))
            : null;
        return (text, _now.TotalBytes > 0 ? (double)_now.Bytes / _now.TotalBytes : null, left);
    }
}
