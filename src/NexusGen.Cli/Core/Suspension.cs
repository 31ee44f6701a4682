using System.Diagnostics;

namespace NexusGen.Cli.Core;

/// <summary>Notices that the process was suspended, by Ctrl-Z for example, because a regular beat is late.</summary>
internal sealed class Suspension : IDisposable
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1.5), Recent = TimeSpan.FromSeconds(3);

    private readonly Timer _beat;
    private long _last = Stopwatch.GetTimestamp();
    private long _resumed;

    /// <summary>Starts the beat.</summary>
    public Suspension() => _beat = new Timer(_ => Beat(), null, 0, 250);

    /// <summary>Returns whether the process was resumed a moment ago.</summary>
    public bool JustEnded()
    {
        Beat();
        return _resumed != 0 && Stopwatch.GetElapsedTime(_resumed) < Recent;
    }

    /// <inheritdoc/>
    public void Dispose() => _beat.Dispose();

    private void Beat()
    {
        long now = Stopwatch.GetTimestamp();
        if (Stopwatch.GetElapsedTime(Interlocked.Exchange(ref _last, now), now) > Late)
        {
            _resumed = now;
        }
    }
}
