using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using NexusGen.Server.Http;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Background;

/// <summary>Accepts background jobs, and sends, cancels and deletes them for the clients that asked for them.</summary>
internal sealed class BackgroundResults(BackgroundRunner runner, BackgroundStore store, ApiKeys keys, EventStream stream)
{
    /// <summary>Accepts a job and sends its response, which is queued, or its events as they come.</summary>
    /// <param name="context">The request.</param>
    /// <param name="job">The job.</param>
    /// <param name="streamed">true to send events. If the client leaves, the job goes on.</param>
    /// <param name="failure">Creates the event of an error that is not the job's.</param>
    public Task StartAsync(HttpContext context, BackgroundJob job, bool streamed, Func<ApiException, SseItem<byte[]>> failure)
    {
        byte[] queued = job.Response();
        BackgroundRun run = runner.Submit(job, ApiKeyGuard.ClientOf(context), Owner(context));
        return streamed
            ? StreamAsync(context, Unfinished(run, 0), failure)
            : JsonText.SendAsync(context, queued, context.RequestAborted);
    }

    /// <summary>Throws if a job of the client would be refused now.</summary>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    public void ThrowIfFull(HttpContext context) => runner.ThrowIfFull(ApiKeyGuard.ClientOf(context));

    /// <summary>Returns how many jobs and requests come before a job that waits in a queue, or null if it doesn't.</summary>
    public int? Ahead(HttpContext context, string kind, string id) =>
        runner.Find(id, Owner(context)) is { } run && run.Job.Kind == kind ? run.Place.Ahead : null;

    /// <summary>Returns whether there is a job.</summary>
    public bool Exists(HttpContext context, string kind, string id) =>
        runner.Find(id, Owner(context))?.Job.Kind == kind || Kept(context, kind, id) is not null;

    /// <summary>Returns the response of a job so far, which may not be kept yet, or null if there is none.</summary>
    public byte[]? Response(HttpContext context, string kind, string id) =>
        runner.Find(id, Owner(context)) is { } run && run.Job.Kind == kind
            ? run.Job.Response()
            : Kept(context, kind, id)?.Response;

    /// <summary>Returns the response of a job so far.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">The kind of the job.</param>
    /// <param name="id">The id of the job.</param>
    /// <returns>The response as JSON, or null if there is no such job.</returns>
    public async Task<byte[]?> FindAsync(HttpContext context, string kind, string id)
    {
        if (runner.Find(id, Owner(context)) is not { } run)
        {
            return Kept(context, kind, id)?.Response;
        }

        if (run.Job.Kind != kind)
        {
            return null;
        }

        if (!BackgroundStatus.IsUnfinished(run.Job.Status))
        {
            // It is told as finished when it is kept, so that a client that refers to it at once finds it.
            await run.Ended.ConfigureAwait(false);
        }

        return run.Job.Response();
    }

    /// <summary>Sends the events of a job, from one on and as they come.</summary>
    /// <param name="context">
    /// The request. The header Last-Event-ID, which browsers send to go on, says the same as <paramref name="after"/>.
    /// </param>
    /// <param name="kind">The kind of the job.</param>
    /// <param name="id">The id of the job.</param>
    /// <param name="after">The number of the event after which to begin, or null to begin with the first one.</param>
    /// <param name="failure">Creates the event of an error that is not the job's.</param>
    /// <returns>true if there is such a job; otherwise, false, and nothing was sent.</returns>
    public async Task<bool> TryStreamAsync(
        HttpContext context, string kind, string id, int? after, Func<ApiException, SseItem<byte[]>> failure)
    {
        if (after is null && int.TryParse(context.Request.Headers["Last-Event-ID"], out int last))
        {
            after = last;
        }

        int start = Math.Max(-1, after ?? -1) + 1;
        IAsyncEnumerable<SseItem<byte[]>>? events =
            runner.Find(id, Owner(context)) is { } run && run.Job.Kind == kind ? Unfinished(run, start)
            : Kept(context, kind, id) is not null ? store.Events(id, Owner(context), start).ToAsyncEnumerable()
            : null;
        if (events is null)
        {
            return false;
        }

        await StreamAsync(context, events, failure).ConfigureAwait(false);
        return true;
    }

    /// <summary>Cancels a job within a step. One that has ended stays as it is.</summary>
    /// <returns>The response as JSON, or null if there is no such job.</returns>
    public async Task<byte[]?> CancelAsync(HttpContext context, string kind, string id)
    {
        if (runner.Find(id, Owner(context)) is { } run && run.Job.Kind == kind)
        {
            await run.CancelAsync().ConfigureAwait(false);
            return run.Job.Response();
        }

        return await FindAsync(context, kind, id).ConfigureAwait(false);
    }

    /// <summary>Deletes a job. If it is unfinished, it is cancelled.</summary>
    /// <returns>true if it existed; otherwise, false.</returns>
    public async Task<bool> DeleteAsync(HttpContext context, string kind, string id) =>
        Exists(context, kind, id) && await runner.DeleteAsync(id, Owner(context)).ConfigureAwait(false);

    private string Owner(HttpContext context) => keys.FingerprintOf(ApiKeyGuard.ClientOf(context));

    private KeptJob? Kept(HttpContext context, string kind, string id) =>
        store.Find(id, Owner(context)) is { } kept && kept.Kind == kind ? kept : null;

    private async Task StreamAsync(
        HttpContext context, IAsyncEnumerable<SseItem<byte[]>> events, Func<ApiException, SseItem<byte[]>> failure)
    {
        // At once, even if there is no event yet.
        await EventStream.StartAsync(context.Response, context.RequestAborted).ConfigureAwait(false);
        await stream.SendAsync(context, events, failure, context.RequestAborted).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<SseItem<byte[]>> Unfinished(
        BackgroundRun run, int start, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (SseItem<byte[]> item in run.Events.ReadAsync(start, cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }

        if (BackgroundStatus.IsUnfinished(run.Job.Status))
        {
            // The server stops, and the job goes on later.
            throw new QueueClosedException();
        }
    }
}
