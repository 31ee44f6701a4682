using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Background;

/// <summary>A job that waits or runs.</summary>
/// <param name="job">The job.</param>
/// <param name="client">The client, for its turns in the queue.</param>
/// <param name="owner">The owner, who alone can find it.</param>
internal sealed class BackgroundRun(BackgroundJob job, string client, string owner) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the job.</summary>
    public BackgroundJob Job => job;

    /// <summary>Gets the client, for its turns in the queue.</summary>
    public string Client => client;

    /// <summary>Gets the owner.</summary>
    public string Owner => owner;

    /// <summary>Gets the place in the queue.</summary>
    public QueuePlace Place { get; } = new();

    /// <summary>Gets the events so far.</summary>
    public EventLog Events { get; } = new();

    /// <summary>Gets the task that ends when the job does.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gets the token that is cancelled when the job is.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Cancels the job between two steps, and waits until it has ended.</summary>
    public async Task CancelAsync()
    {
        try
        {
            await _cancellation.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The job has ended meanwhile.
        }

        await Ended.ConfigureAwait(false);
    }

    /// <summary>Ends the run.</summary>
    public void End()
    {
        Events.End();
        _ended.TrySetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();
}
