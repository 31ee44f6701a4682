using System.Net.ServerSentEvents;
using NexusGen.Requests;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Computes a response of the Responses API, for a client that waits or in the background.</summary>
/// <param name="request">The request.</param>
/// <param name="settings">What it says besides its input.</param>
/// <param name="start">The response at the start.</param>
/// <param name="messages">The conversation.</param>
/// <param name="images">Its images, which are not decoded yet.</param>
/// <param name="limits">The limits, which know the LoRAs that there are when the response is computed.</param>
internal sealed class ResponseJob(
    ResponsesRequest request,
    ResponseSettings settings,
    ResponseBody start,
    IReadOnlyList<RequestMessage> messages,
    RequestImages images,
    Limits limits)
    : BackgroundJob
{
    /// <summary>The kind of these jobs.</summary>
    public const string Name = "response";

    private readonly ResponsesWriter _writer = new(start, settings.Format, settings.MaxPartial);

    /// <summary>Gets the action before the last event, when the response is complete.</summary>
    public Action<ResponsesWriter>? Completed { get; init; }

    /// <summary>Gets the current response.</summary>
    public ResponseBody Current => _writer.Response;

    /// <inheritdoc/>
    public override string Id => start.Id;

    /// <inheritdoc/>
    public override string Kind => Name;

    /// <inheritdoc/>
    public override string Operation => "respond";

    /// <inheritdoc/>
    public override string Status => _writer.Response.Status;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Id, byte[] Content)> Items =>
        [.. _writer.Items.Select(item => (item.Id, SavedResponse.Write(item.Message)))];

    /// <summary>Creates the event of an error that is not the response's.</summary>
    public static SseItem<byte[]> Failure(ApiException error) => Event(new ResponseEvent("error")
    {
        Code = error.Details.Code ?? "server_error",
        Message = error.Message,
        Param = error.Details.Param,
    });

    /// <summary>Creates the events of a response as they are sent.</summary>
    public static SseItem<byte[]> Event(ResponseEvent piece) =>
        EventStream.Event(piece, ApiJson.Default.ResponseEvent, piece.Type);

    /// <inheritdoc/>
    public override byte[] Save() => SavedResponse.Write(request, settings.Seed, start, messages);

    /// <inheritdoc/>
    public override byte[] Response() => JsonText.Serialize(_writer.Response, ApiJson.Default.ResponseBody).ToArray();

    /// <inheritdoc/>
    public override IEnumerable<SseItem<byte[]>> Queue() => _writer.Queue().Select(Event);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<SseItem<byte[]>> RunAsync(ModelGateway.Work work)
    {
        await foreach (ResponseEvent piece in EventsAsync(work).ConfigureAwait(false))
        {
            yield return Event(piece);
        }
    }

    /// <summary>Computes the response.</summary>
    /// <param name="work">The slot of the job.</param>
    /// <returns>The events of the response.</returns>
    public async IAsyncEnumerable<ResponseEvent> EventsAsync(ModelGateway.Work work)
    {
        await images.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        ChatInput turn = limits.Model(request.Model, request.Loras).Apply(settings.Turn);
        Conversation conversation = RequestMessage.ToConversation(messages, turn, request.Instructions);
        IAsyncEnumerable<ReplyUpdate> updates =
            await work.AnswerAsync(conversation, "input", settings.Truncate).ConfigureAwait(false);
        foreach (ResponseEvent piece in _writer.Begin())
        {
            yield return piece;
        }

        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            IReadOnlyList<ResponseEvent> pieces = _writer.Next(update);
            if (update is ReplyUpdate.Finished)
            {
                // Before the last event is sent, so that a client that continues the response at once finds it.
                Completed?.Invoke(_writer);
            }

            foreach (ResponseEvent piece in pieces)
            {
                yield return piece;
            }
        }
    }

    /// <inheritdoc/>
    public override SseItem<byte[]> Fail(ApiException error) => Event(_writer.Fail(error));

    /// <inheritdoc/>
    public override SseItem<byte[]> Cancel() => Event(_writer.Cancel());
}
