using System.Buffers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace NexusGen.Server.Http;

/// <summary>
/// Sends responses as server-sent events (text/event-stream), written by .NET's formatter. ASP.NET Core's own result for them is
/// not used: it starts the response before the first event and breaks off when its source fails, but clients receive an error
/// before the first event as an HTTP error, and a later one as the last event.
/// </summary>
internal sealed class EventStream(ErrorTranslation errors)
{
    // A client that doesn't accept the last event within this time is disconnected, so that its slot becomes free.
    private static readonly TimeSpan LastEventTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Creates an event from a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How the value is serialized.</param>
    /// <param name="name">The name of the event, or null for none.</param>
    public static SseItem<byte[]> Event<T>(T value, JsonTypeInfo<T> type, string? name = null) =>
        new(JsonText.Serialize(value, type).ToArray(), name);

    /// <summary>Sends events.</summary>
    /// <param name="context">The request.</param>
    /// <param name="events">The events. The response starts with the first one: until then, errors are thrown.</param>
    /// <param name="failure">Creates the last event after an error.</param>
    /// <param name="cancellationToken">Cancels sending.</param>
    public async Task SendAsync(
        HttpContext context,
        IAsyncEnumerable<SseItem<byte[]>> events,
        Func<ApiException, SseItem<byte[]>> failure,
        CancellationToken cancellationToken)
    {
        HttpResponse response = context.Response;

        // The web server aborts a connection if the token of a write is cancelled meanwhile, and the client would not hear why.
        // Therefore a cancellation stops the events at once, but a write only after the time that the last event has.
        using var writes = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using CancellationTokenRegistration grace = cancellationToken.Register(() => writes.CancelAfter(LastEventTimeout));
        try
        {
            await WriteAsync(response, StartingAsync(response, events, cancellationToken), writes.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(context, failure(errors.Translate(e, context.TraceIdentifier))).ConfigureAwait(false);
        }
    }

    /// <summary>Sends the headers. Later errors are events.</summary>
    /// <param name="response">The response.</param>
    /// <param name="cancellationToken">Cancels sending.</param>
    public static async Task StartAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<SseItem<byte[]>> StartingAsync(
        HttpResponse response,
        IAsyncEnumerable<SseItem<byte[]>> events,
        CancellationToken stop,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (SseItem<byte[]> item in events.WithCancellation(stop).ConfigureAwait(false))
        {
            if (!response.HasStarted)
            {
                await StartAsync(response, cancellationToken).ConfigureAwait(false);
            }

            yield return item;
        }
    }

    private static async IAsyncEnumerable<SseItem<byte[]>> OneAsync(SseItem<byte[]> item)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield return item;
    }

    // The formatter writes each event at once, so a cancelled stream doesn't end in the middle of one.
    private static Task WriteAsync(
        HttpResponse response,
        IAsyncEnumerable<SseItem<byte[]>> events,
        CancellationToken cancellationToken) =>
        SseFormatter.WriteAsync(events, response.Body, (item, writer) => writer.Write(item.Data), cancellationToken);

    private static async Task FailAsync(HttpContext context, SseItem<byte[]> last)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        ends.CancelAfter(LastEventTimeout);
        try
        {
            await WriteAsync(context.Response, OneAsync(last), ends.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }
}
