namespace NexusGen.Server.Scheduling;

/// <summary>There is no room to wait in.</summary>
/// <param name="retryAfter">When there may be some.</param>
internal sealed class QueueFullException(TimeSpan retryAfter) : Exception("The server is busy: its queue is full.")
{
    /// <summary>When there may be room.</summary>
    public TimeSpan RetryAfter => retryAfter;
}
