using System.Net.ServerSentEvents;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;

namespace NexusGen.Server.Background;

/// <summary>
/// A request that can be computed without a client that waits for it: what was asked, how it is computed, and its response so
/// far. One run of it is computed by one thread at a time; <see cref="Response"/> and <see cref="Status"/> can be read by others
/// meanwhile.
/// </summary>
internal abstract class BackgroundJob
{
    /// <summary>Gets the id, which can't be guessed.</summary>
    public abstract string Id { get; }

    /// <summary>Gets the kind, by which <see cref="IBackgroundKind"/> restores the job after a restart.</summary>
    public abstract string Kind { get; }

    /// <summary>Gets the name of the operation, for traces.</summary>
    public abstract string Operation { get; }

    /// <summary>Gets the state (<see cref="BackgroundStatus"/>, or another one of a finished response).</summary>
    public abstract string Status { get; }

    /// <summary>
    /// Gets the name that jobs have in common which are computed one after another, in the order in which they came, or null.
    /// </summary>
    public virtual string? Group => null;

    /// <summary>
    /// Gets whether the response is kept when the job has ended. Otherwise the job itself has put it where it belongs.
    /// </summary>
    public virtual bool IsKept => true;

    /// <summary>Gets the finished parts of the response that later requests can refer to: their ids and contents.</summary>
    public virtual IReadOnlyList<(string Id, byte[] Content)> Items => [];

    /// <summary>Returns what is asked, to compute it again after a restart.</summary>
    public abstract byte[] Save();

    /// <summary>Returns the response so far as JSON.</summary>
    public abstract byte[] Response();

    /// <summary>Returns the events that the job begins with, while it waits for its turn.</summary>
    public abstract IEnumerable<SseItem<byte[]>> Queue();

    /// <summary>Computes the response.</summary>
    /// <param name="work">The slot of the job.</param>
    /// <returns>The events of the response. The last one comes when the response is complete.</returns>
    public abstract IAsyncEnumerable<SseItem<byte[]>> RunAsync(ModelGateway.Work work);

    /// <summary>Marks the response as failed.</summary>
    /// <returns>The last event.</returns>
    public abstract SseItem<byte[]> Fail(ApiException error);

    /// <summary>Marks the response as cancelled.</summary>
    /// <returns>The last event.</returns>
    public abstract SseItem<byte[]> Cancel();
}
