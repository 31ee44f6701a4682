namespace NexusGen.Server.Scheduling;

/// <summary>The place of a request in a queue, which changes while it waits. Thread-safe.</summary>
internal sealed class QueuePlace
{
    private volatile Func<int?>? _ahead;

    /// <summary>Gets the number of requests that come before it, or null if it doesn't wait in a queue.</summary>
    public int? Ahead => _ahead?.Invoke();

    /// <summary>Sets how the number is found: by the queue that the request waits in.</summary>
    public void Watch(Func<int?> ahead) => _ahead = ahead;
}
