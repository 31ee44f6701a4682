namespace NexusGen.Server.Scheduling;

/// <summary>The exception when the queue is full.</summary>
/// <param name="retryAfter">The expected time until the queue has room.</param>
internal sealed class QueueFullException(TimeSpan retryAfter) : Exception("The server is busy: its queue is full.")
{
    /// <summary>Gets the expected time until the queue has room.</summary>
    public TimeSpan RetryAfter => retryAfter;
}
