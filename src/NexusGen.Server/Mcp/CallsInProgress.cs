using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace NexusGen.Server.Mcp;

/// <summary>
/// Cancels calls of tools by the client's notification. Over HTTP each message is a request of its own and the protocol's
/// library keeps no sessions, so it can't find the call that a notification means.
/// </summary>
/// <remarks>
/// A call is found by its client, which is its key or address, and the id that the client gave it. Two programs on one machine
/// can use the same ids: they are told apart by their names, and if that is not enough, none of the calls is cancelled. Closing
/// the request of a call always cancels it.
/// </remarks>
internal sealed class CallsInProgress(IMcpCaller caller)
{
    private readonly ConcurrentDictionary<Call, byte> _calls = [];

    /// <summary>Runs a call, which can be cancelled meanwhile.</summary>
    /// <param name="id">The id that the client gave the call.</param>
    /// <param name="run">Runs the call.</param>
    /// <param name="cancellationToken">Cancels the call, for example because its request was closed.</param>
    public async ValueTask<CallToolResult> RunAsync(
        RequestId id, Func<CancellationToken, ValueTask<CallToolResult>> run, CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = new Call(caller.Client, caller.Program, id, source);
        _calls[call] = 0;
        try
        {
            return await run(source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The client doesn't wait for this result, but the request of the call must end.
            return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "The call was cancelled." }] };
        }
        finally
        {
            _calls.TryRemove(call, out _);
        }
    }

    /// <summary>Cancels the call that a message names, if it is a notification of that kind.</summary>
    public void Hear(JsonRpcMessage message)
    {
        if (message is JsonRpcNotification { Method: NotificationMethods.CancelledNotification } notification
            && Id(notification.Params) is { } id)
        {
            (string client, string program) = (caller.Client, caller.Program);
            Call[] found = [.. _calls.Keys.Where(call => call.Client == client && call.Program == program && call.Id == id)];
            if (found is [Call one])
            {
                one.Cancel();
            }
        }
    }

    private static RequestId? Id(JsonNode? parameters)
    {
        try
        {
            return (parameters as JsonObject)?["requestId"] is not JsonValue value ? null
                : value.TryGetValue(out string? text) ? new RequestId(text)
                : value.TryGetValue(out long number) ? new RequestId(number)
                : null;
        }
        catch (InvalidOperationException)
        {
            // Text that is not valid Unicode.
            return null;
        }
    }

    private sealed class Call(string client, string program, RequestId id, CancellationTokenSource source) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _ended;

        public string Client => client;

        public string Program => program;

        public RequestId Id => id;

        public void Cancel()
        {
            lock (_gate)
            {
                if (!_ended)
                {
                    source.Cancel();
                }
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _ended = true;
                source.Dispose();
            }
        }
    }
}
