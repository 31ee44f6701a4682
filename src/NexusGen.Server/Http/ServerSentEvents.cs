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
    // Who does not take the last words in this time is left: his request's place is another's.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

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

        // In one go: whatever ends it leaves no half of a piece in the stream, behind which nobody could read on.
        using var piece = new MemoryStream();
        piece.Write(Encoding.UTF8.GetBytes(name is null ? "data: " : $"event: {name}\ndata: "));
        JsonSerializer.Serialize(piece, value, type);
        piece.Write("\n\n"u8);
        await response.Body.WriteAsync(piece.GetBuffer().AsMemory(0, (int)piece.Length), cancellationToken).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends the piece that tells why nothing comes any more. A caller who does not take it is left.</summary>
    /// <param name="value">The piece.</param>
    /// <param name="type">How it is written.</param>
    /// <param name="name">The event's name; null for none.</param>
    public async Task FailAsync<T>(T value, JsonTypeInfo<T> type, string? name)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(response.HttpContext.RequestAborted);
        ends.CancelAfter(LastWords);
        try
        {
            await WriteAsync(value, type, name, ends.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            response.HttpContext.Abort();
        }
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
