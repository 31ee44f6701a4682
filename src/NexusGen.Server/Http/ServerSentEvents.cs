using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace NexusGen.Server.Http;

/// <summary>A response that is sent in pieces (text/event-stream).</summary>
/// <param name="response">The response.</param>
internal sealed class ServerSentEvents(HttpResponse response)
{
    private static readonly byte[] Data = Encoding.UTF8.GetBytes("data: ");
    private static readonly byte[] End = Encoding.UTF8.GetBytes("\n\n");

    private bool _begun;

    /// <summary>Sends the headers, if that isn't done; from here on errors are events.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            _begun = true;
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no";
            response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await response.StartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a piece.</summary>
    /// <param name="value">The piece.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="name">The event's name; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync<T>(T value, JsonTypeInfo<T> type, string? name, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        if (name is not null)
        {
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: {name}\n"), cancellationToken).ConfigureAwait(false);
        }

        await response.Body.WriteAsync(Data, cancellationToken).ConfigureAwait(false);
        await JsonSerializer.SerializeAsync(response.Body, value, type, cancellationToken).ConfigureAwait(false);
        await response.Body.WriteAsync(End, cancellationToken).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends the piece that says that nothing comes any more.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task DoneAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes("data: [DONE]\n\n"), cancellationToken).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
