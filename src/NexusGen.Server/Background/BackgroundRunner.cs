using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Observability;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Background;

/// <summary>
/// Computes background jobs: they wait in a queue of their own, so that they never take all slots of the requests that somebody
/// waits for. Jobs that an earlier server left unfinished are computed again, from their beginning and with the same seed.
/// </summary>
internal sealed partial class BackgroundRunner : IHostedService
{
    // A job that ends the server, for example because the memory is too small, would do so again and again.
    private const int MaxStarts = 3;

    private readonly ModelGateway _gateway;
    private readonly BackgroundStore _store;
    private readonly IReadOnlyDictionary<string, IBackgroundKind> _kinds;
    private readonly Limits _limits;
    private readonly ErrorTranslation _errors;
    private readonly ServerMetrics _metrics;
    private readonly ILogger<BackgroundRunner> _logger;
    private readonly WorkQueue _queue;
    private readonly ConcurrentDictionary<string, BackgroundRun> _runs = [];

    private readonly JobGroups _groups = new();

    // Jobs that the disk had no room for.
    private readonly ShortTermStore<BackgroundRun> _unkept;

    // Jobs that need not be kept, for clients that are about to read their last events.
    private readonly ShortTermStore<BackgroundRun> _ended;
    private readonly CancellationToken _stopping;

    /// <summary>Initializes the runner.</summary>
    public BackgroundRunner(
        ModelGateway gateway,
        BackgroundStore store,
        IEnumerable<IBackgroundKind> kinds,
        Limits limits,
        ErrorTranslation errors,
        ServerMetrics metrics,
        IOptions<NexusGenServerOptions> options,
        IHostApplicationLifetime lifetime,
        ILogger<BackgroundRunner> logger)
    {
        (_gateway, _store, _limits, _errors, _metrics, _logger) = (gateway, store, limits, errors, metrics, logger);
        _stopping = lifetime.ApplicationStopping;
        _kinds = kinds.ToDictionary(kind => kind.Kind);
        NexusGenServerOptions server = options.Value;
        _queue = new WorkQueue(Math.Max(1, server.MaxRunning / 2), server.QueueLength, server.QueuePerClient);
        _unkept = new ShortTermStore<BackgroundRun>(server.StoreBytes / 2, server.PictureLifetime);
        _ended = new ShortTermStore<BackgroundRun>(
            server.StoreBytes / 2, TimeSpan.FromMinutes(Math.Min(1, server.BackgroundLifetime.TotalMinutes)));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_store.IsFileTaken)
        {
            InMemory(_logger);
        }

        foreach ((KeptJob kept, string owner) in _store.Unfinished(_limits.ModelId))
        {
            try
            {
                Begin(new BackgroundRun(_kinds[kept.Kind].Restore(kept.Request), owner, owner));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or ApiException)
            {
                // By another version of this program, which had other limits or another form.
                Dropped(_logger, kept.Id);
                _store.Delete(kept.Id, owner);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_runs.Values.Select(run => run.Ended)).WaitAsync(cancellationToken);

    /// <summary>Throws if a job of a client would be refused now.</summary>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    public void ThrowIfFull(string client)
    {
        try
        {
            _queue.ThrowIfFull(client);
        }
        catch (QueueFullException)
        {
            _metrics.Refused();
            throw;
        }
    }

    /// <summary>Accepts a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="client">The client, for its turns in the queue.</param>
    /// <param name="owner">The owner, who alone can find it.</param>
    /// <returns>The run of the job.</returns>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    /// <exception cref="QueueClosedException">The server is stopping.</exception>
    /// <exception cref="ApiException">There is no room for the job.</exception>
    public BackgroundRun Submit(BackgroundJob job, string client, string owner)
    {
        if (_stopping.IsCancellationRequested)
        {
            throw new QueueClosedException();
        }

        ThrowIfFull(client);
        try
        {
            if (!_store.TryAdd(owner, _limits.ModelId, job))
            {
                _metrics.Refused();
                throw new ApiException(
                    StatusCodes.Status429TooManyRequests,
                    "The server has no room for more background work: ask again when some of it has finished.",
                    "rate_limit_error",
                    code: "rate_limit_exceeded",
                    retryAfter: TimeSpan.FromMinutes(1));
            }
        }
        catch (SqliteException e)
        {
            NotKept(_logger, job.Id, e.Message);
            throw new ApiException(
                StatusCodes.Status507InsufficientStorage,
                "The server can't keep background work now: its disk is full or can't be written. Ask without background.",
                "server_error",
                code: "insufficient_storage");
        }

        return Begin(new BackgroundRun(job, client, owner));
    }

    /// <summary>Returns an unfinished job, or one that ended a moment ago or could not be kept, or null.</summary>
    public BackgroundRun? Find(string id, string owner) =>
        _runs.TryGetValue(id, out BackgroundRun? run) && run.Owner == owner
            ? run
            : _unkept.Find(id, owner) ?? _ended.Find(id, owner);

    /// <summary>Deletes a job. If it is unfinished, it is cancelled.</summary>
    /// <returns>true if it existed; otherwise, false.</returns>
    public async Task<bool> DeleteAsync(string id, string owner)
    {
        BackgroundRun? run = Find(id, owner);
        if (run is not null)
        {
            await run.CancelAsync().ConfigureAwait(false);
            _unkept.Forget(id, owner);
            _ended.Forget(id, owner);
        }

        return _store.Delete(id, owner) || run is not null;
    }

    private BackgroundRun Begin(BackgroundRun run)
    {
        _runs[run.Job.Id] = run;
        foreach (SseItem<byte[]> item in run.Job.Queue())
        {
            run.Events.Add(item);
        }

        _ = RunAsync(run, _groups.Enter(run));
        return run;
    }

    private async Task RunAsync(BackgroundRun run, Task before)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation, _stopping);
        bool started = false;
        try
        {
            await before.WaitAsync(cancellation.Token).ConfigureAwait(false);
            using IDisposable turn = await _queue
                .EnterAsync(run.Client, cancellation.Token, accepted: true, run.Place).ConfigureAwait(false);

            // Who submits it returns when it is in the queue, which the next one must see.
            await Task.Yield();
            using ModelGateway.Work work = await _gateway
                .BeginAsync(run.Client, run.Job.Operation, cancellation.Token, accepted: true, run.Place).ConfigureAwait(false);
            started = true;
            if (CountStart(run, 1) > MaxStarts)
            {
                throw new ApiException(
                    StatusCodes.Status500InternalServerError,
                    $"The server ended {MaxStarts} times while it worked on this, so it does not try again.",
                    "server_error",
                    code: "server_error");
            }

            await foreach (SseItem<byte[]> item in run.Job.RunAsync(work).ConfigureAwait(false))
            {
                Add(run, item);
            }
        }
        catch (Exception) when (_stopping.IsCancellationRequested && !run.Cancellation.IsCancellationRequested)
        {
            // Nobody waits for it: the next server computes it.
            if (started)
            {
                CountStart(run, -1);
            }
        }
        catch (Exception) when (run.Cancellation.IsCancellationRequested)
        {
            Add(run, run.Job.Cancel());
        }
        catch (Exception e)
        {
            Add(run, run.Job.Fail(_errors.Translate(e, run.Job.Id)));
        }
        finally
        {
            _runs.TryRemove(run.Job.Id, out _);
            _groups.Leave(run);
            run.End();
            run.Dispose();
        }
    }

    // A finished job is kept before its last event is told, so that a client that refers to it at once finds it.
    private void Add(BackgroundRun run, SseItem<byte[]> item)
    {
        if (!BackgroundStatus.IsUnfinished(run.Job.Status))
        {
            Keep(run, item);
        }

        run.Events.Add(item);
    }

    private void Keep(BackgroundRun run, SseItem<byte[]> last)
    {
        try
        {
            if (run.Job.IsKept)
            {
                _store.Finish(run.Job, [.. run.Events.ToList(), last]);
            }
            else
            {
                _store.Delete(run.Job.Id, run.Owner);
                _ended.Add(run.Job.Id, run.Owner, run, run.Events.ToList().Sum(item => (long)item.Data.Length));
            }
        }
        catch (SqliteException e)
        {
            // Whoever asked for it still receives it.
            NotKept(_logger, run.Job.Id, e.Message);
            _unkept.Add(run.Job.Id, run.Owner, run, run.Job.Response().Length);
        }
    }

    private long CountStart(BackgroundRun run, int by)
    {
        try
        {
            return _store.CountStart(run.Job.Id, by);
        }
        catch (SqliteException e)
        {
            // A full disk is no reason not to try.
            NotKept(_logger, run.Job.Id, e.Message);
            return 0;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Another server uses the file of the background work. That of this server is kept in memory until it stops.")]
    private static partial void InMemory(ILogger logger);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "The background work {Id} of an earlier server can't be read and is dropped.")]
    private static partial void Dropped(ILogger logger, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The background work {Id} can't be kept on disk: {Reason}.")]
    private static partial void NotKept(ILogger logger, string id, string reason);
}
