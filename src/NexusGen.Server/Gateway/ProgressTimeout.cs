using NexusGen.Requests;

namespace NexusGen.Server.Gateway;

/// <summary>
/// Cancels work that makes no progress for some time: a large image on a slow processor may take an hour, but each of its steps
/// takes a minute.
/// </summary>
/// <param name="cancellation">What is cancelled.</param>
/// <param name="time">The longest time without progress.</param>
internal sealed class ProgressTimeout(CancellationTokenSource cancellation, TimeSpan time) : IProgress<ProgressReport>
{
    /// <summary>Begins the time anew.</summary>
    public void Restart()
    {
        try
        {
            cancellation.CancelAfter(time);
        }
        catch (ObjectDisposedException)
        {
            // The work has ended.
        }
    }

    /// <inheritdoc/>
    public void Report(ProgressReport value) => Restart();
}
