using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NexusGen.Autoregressive;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Observability;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Gateway;

/// <summary>
/// The only access to the model: requests pass the queue, have a timeout since their last progress, and are cancelled when the
/// client disconnects or the server stops. After some time without requests, the model's components are unloaded.
/// </summary>
internal sealed class ModelGateway : IDisposable
{
    private readonly NexusGenServerOptions _options;
    private readonly WorkQueue _queue;
    private readonly ServerMetrics _metrics;
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly Timer _idle;
    private int _active;

    /// <summary>Initializes the gateway.</summary>
    public ModelGateway(
        NexusGenModel model,
        WorkQueue queue,
        ServerMetrics metrics,
        IHostApplicationLifetime lifetime,
        IOptions<NexusGenServerOptions> options)
    {
        Model = model;
        _queue = queue;
        _metrics = metrics;
        _options = options.Value;
        _idle = new Timer(_ => model.Trim());
        _stopping = lifetime.ApplicationStopping.Register(() =>
        {
            queue.Close();
            _end.CancelAfter(_options.ShutdownTimeout);
        });
    }

    /// <summary>Gets the model.</summary>
    public NexusGenModel Model { get; }

    /// <summary>Gets the model's defaults for images.</summary>
    /// <param name="editing">true for edited images, false for generated ones.</param>
    public ImageDefaults Defaults(bool editing) =>
        editing ? Model.Configuration.Defaults.Edit : Model.Configuration.Defaults.Generate;

    /// <summary>Throws if a request of a client would be refused now.</summary>
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

    /// <summary>Waits for the slot of a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="operation">The name of the operation, for traces.</param>
    /// <returns>The work. Disposing it ends the request.</returns>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    /// <exception cref="QueueClosedException">The server is stopping.</exception>
    public Task<Work> BeginAsync(HttpContext context, string operation) =>
        BeginAsync(ApiKeyGuard.ClientOf(context), operation, context.RequestAborted);

    /// <summary>Waits for a slot.</summary>
    /// <param name="client">The client.</param>
    /// <param name="operation">The name of the operation, for traces.</param>
    /// <param name="cancellationToken">Cancels the work, for example because the client disconnected.</param>
    /// <param name="accepted">
    /// true for work that was accepted before and that nobody waits for: it waits for its slot without a timeout, even if the
    /// queue is full.
    /// </param>
    /// <param name="place">Receives the place of the work in the queue, or null.</param>
    /// <returns>The work. Disposing it ends it.</returns>
    /// <exception cref="QueueFullException">The queue is full.</exception>
    /// <exception cref="QueueClosedException">The server is stopping.</exception>
    public async Task<Work> BeginAsync(
        string client, string operation, CancellationToken cancellationToken, bool accepted = false, QueuePlace? place = null)
    {
        long start = Stopwatch.GetTimestamp();
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        var timeout = new ProgressTimeout(cancellation, _options.RequestTimeout);
        try
        {
            if (!accepted)
            {
                timeout.Restart();
            }

            IDisposable slot = await _queue.EnterAsync(client, cancellation.Token, accepted, place).ConfigureAwait(false);
            timeout.Restart();
            _metrics.Waited(Stopwatch.GetElapsedTime(start));
            Interlocked.Increment(ref _active);
            _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return new Work(this, slot, cancellation, timeout, _metrics.Activities.StartActivity(operation));
        }
        catch (Exception e)
        {
            cancellation.Dispose();
            if (e is QueueFullException)
            {
                _metrics.Refused();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _idle.Dispose();
        _end.Dispose();
    }

    private void End(TimeSpan took)
    {
        _metrics.Took(took);
        if (Interlocked.Decrement(ref _active) == 0 && _options.Keep is { } keep)
        {
            _idle.Change(keep, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Work that has its slot. The tokens, steps and images of its replies are counted.</summary>
    internal sealed class Work(
        ModelGateway gateway,
        IDisposable slot,
        CancellationTokenSource cancellation,
        ProgressTimeout timeout,
        Activity? activity)
        : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        /// <summary>
        /// Gets the token that is cancelled when the client disconnects, when there was no progress for the time of the timeout,
        /// or when the server stops.
        /// </summary>
        public CancellationToken Cancellation => cancellation.Token;

        /// <summary>
        /// Answers a conversation. Its length is checked now: a stream has not begun yet, so the client receives an HTTP error.
        /// </summary>
        /// <param name="conversation">The conversation.</param>
        /// <param name="field">The field of the request with the conversation, for messages.</param>
        /// <param name="truncate">true to leave out the oldest turns of a conversation that is too long.</param>
        /// <returns>The updates of the reply, in the order of its parts.</returns>
        /// <exception cref="ApiException">The conversation is too long.</exception>
        public async Task<IAsyncEnumerable<ReplyUpdate>> AnswerAsync(
            Conversation conversation, string field, bool truncate = false)
        {
            Chat chat = gateway.Model.StartChat(conversation);
            ChatInput input = conversation.Input;
            try
            {
                await Task.Run(
                    () =>
                    {
                        if (truncate)
                        {
                            input = chat.RemoveOldestTurns(input);
                        }
                        else
                        {
                            chat.CheckLength(input);
                        }
                    },
                    Cancellation).ConfigureAwait(false);
            }
            catch (ContextLengthException e)
            {
                throw ApiException.BadRequest(e.Message, field, ErrorTranslation.ContextLengthExceeded);
            }

            return Counted(ReplyOrder.SortAsync(chat.SendAsync(input, timeout, Cancellation)));
        }

        /// <summary>Generates or edits images, and reports the progress.</summary>
        /// <returns>The updates of the reply that has the images.</returns>
        public IAsyncEnumerable<ReplyUpdate> StreamAsync(ImageGeneration generation) =>
            Counted(generation.StreamAsync(gateway.Model, timeout, Cancellation));

        private async IAsyncEnumerable<ReplyUpdate> Counted(IAsyncEnumerable<ReplyUpdate> updates)
        {
            await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
            {
                if (update is ReplyUpdate.Finished { Reply: var reply })
                {
                    gateway._metrics.Count(reply);
                }

                yield return update;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            slot.Dispose();
            cancellation.Dispose();
            activity?.Dispose();
            gateway.End(Stopwatch.GetElapsedTime(_start));
        }
    }
}
