using System.Security.Cryptography;
using System.Text;
using NexusGen.Requests;
using NexusGen.Server.Background;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Builds a response from the updates of a reply, and reports each change as the API's events.</summary>
/// <param name="start">The response at the start.</param>
/// <param name="format">The format of images.</param>
/// <param name="maxPartial">The maximum number of partial images of each image.</param>
internal sealed class ResponsesWriter(ResponseBody start, ImageFileFormat format, int maxPartial)
{
    private readonly List<OutputItem> _items = [];

    // Read by other threads while the response is computed.
    private volatile ResponseBody _response = start;
    private int _number;

    // The text of the current message, or null if the current item is not a message.
    private string? _text;

    // The index of the current image.
    private int? _image;
    private int _partial;

    /// <summary>Gets the current response.</summary>
    public ResponseBody Response
    {
        get => _response;
        private set => _response = value;
    }

    /// <summary>
    /// Gets the finished items as messages, by their ids, for requests that continue the response or refer to its items.
    /// </summary>
    public List<(string Id, RequestMessage Message)> Items { get; } = [];

    /// <summary>Returns the first events of a response that waits for its turn.</summary>
    public IReadOnlyList<ResponseEvent> Queue() =>
        [Event("response.created") with { Response = Response }, Event("response.queued") with { Response = Response }];

    /// <summary>Returns the first events of a response, or those that follow its time in the queue.</summary>
    public IReadOnlyList<ResponseEvent> Begin()
    {
        Response = Response with { Status = BackgroundStatus.InProgress };
        ResponseEvent? created = _number == 0 ? Event("response.created") with { Response = Response } : null;
        ResponseEvent begun = Event("response.in_progress") with { Response = Response };
        return created is null ? [begun] : [created, begun];
    }

    /// <summary>Applies an update and returns its events.</summary>
    public IReadOnlyList<ResponseEvent> Next(ReplyUpdate update)
    {
        List<ResponseEvent> events = [];
        switch (update)
        {
            case ReplyUpdate.TextDelta { Text.Length: > 0 } text:
                Say(text.Text, events);
                break;
            case ReplyUpdate.Denoising step:
                BeginImage(step.Index, events);
                Response = Response with { Progress = new StepProgress(step.Step, step.Steps) };
                break;
            case ReplyUpdate.Preview preview when _partial < maxPartial:
                BeginImage(preview.Index, events);
                events.Add(OfItem("response.image_generation_call.partial_image") with
                {
                    PartialImageB64 = Convert.ToBase64String(format.Encode(preview.Image)),
                    PartialImageIndex = _partial++,
                });
                break;
            case ReplyUpdate.ImageFinished { Image: var image }:
                BeginImage(image.Index, events);
                EndImage(image, events);
                break;
            case ReplyUpdate.Finished { Reply: var reply }:
                End(reply, events);
                return events;
        }

        Response = Response with { Output = [.. _items.Select(SoFar)] };
        return events;
    }

    /// <summary>Ends the response with an error.</summary>
    /// <returns>The last event.</returns>
    public ResponseEvent Fail(ApiException error)
    {
        Response = Response with { Error = new ResponseError(error.Details.Code ?? "server_error", error.Message) };
        return BreakOff(BackgroundStatus.Failed);
    }

    /// <summary>Ends the response because it was cancelled.</summary>
    /// <returns>The last event.</returns>
    public ResponseEvent Cancel() => BreakOff(BackgroundStatus.Cancelled);

    private ResponseEvent BreakOff(string status)
    {
        Response = Response with
        {
            Status = status,
            Progress = null,
            Output = [.. _items.Select(item => SoFar(item) with { Status = BrokenOff(item) })],
        };
        return Event($"response.{status}") with { Response = Response };
    }

    // A message has the text so far.
    private OutputItem SoFar(OutputItem item) =>
        item is { Status: BackgroundStatus.InProgress, Type: "message" }
            ? item with { Content = [new OutputPart(_text ?? "")] }
            : item;

    // Completed items stay completed.
    private static string BrokenOff(OutputItem item) => (item.Status, item.Type) switch
    {
        (BackgroundStatus.Completed, _) => item.Status,
        (_, "message") => "incomplete",
        _ => BackgroundStatus.Failed,
    };

    // Made of the id of the response, so that a response that is computed again after a restart has the same ones.
    private string NewId(string prefix)
    {
        byte[] name = Encoding.UTF8.GetBytes($"{Response.Id}/{_items.Count}");
        return prefix + Convert.ToHexStringLower(SHA256.HashData(name).AsSpan(0, 20));
    }

    private ResponseEvent Event(string type) => new(type) { SequenceNumber = _number++ };

    private ResponseEvent OfItem(string type) => Event(type) with { OutputIndex = _items.Count - 1, ItemId = _items[^1].Id };

    private void Say(string text, List<ResponseEvent> events)
    {
        if (_text is null)
        {
            _text = "";
            string id = NewId("msg_");
            Open(new OutputItem("message", id, BackgroundStatus.InProgress) { Role = "assistant", Content = [] }, events);
            events.Add(OfItem("response.content_part.added") with { ContentIndex = 0, Part = new OutputPart("") });
        }

        _text += text;
        events.Add(OfItem("response.output_text.delta") with { ContentIndex = 0, Delta = text, Logprobs = [] });
    }

    private void EndText(List<ResponseEvent> events)
    {
        if (_text is not { } text)
        {
            return;
        }

        _text = null;
        var part = new OutputPart(text);
        events.Add(OfItem("response.output_text.done") with { ContentIndex = 0, Text = text, Logprobs = [] });
        events.Add(OfItem("response.content_part.done") with { ContentIndex = 0, Part = part });
        Close(
            _items[^1] with { Status = BackgroundStatus.Completed, Content = [part] },
            RequestMessage.Of(MessageRole.Assistant, text),
            events);
    }

    private void BeginImage(int index, List<ResponseEvent> events)
    {
        if (_image == index)
        {
            return;
        }

        EndText(events);
        _image = index;
        _partial = 0;
        Open(new OutputItem("image_generation_call", NewId("ig_"), BackgroundStatus.InProgress), events);
        events.Add(OfItem("response.image_generation_call.in_progress"));
        events.Add(OfItem("response.image_generation_call.generating"));
    }

    private void EndImage(OutputImage image, List<ResponseEvent> events)
    {
        byte[] data = format.Encode(image.Image);

        // As the model generated it: a later request edits that image, not the resized one.
        var message = new RequestMessage(MessageRole.Assistant);
        message.Add(new RequestImage { Pixels = image.Generated });
        events.Add(OfItem("response.image_generation_call.completed"));
        Close(
            _items[^1] with
            {
                Status = BackgroundStatus.Completed,
                Result = Convert.ToBase64String(data),
                OutputFormat = format.Name,
                Size = $"{image.Image.Width}x{image.Image.Height}",
                GeneratedSize = ImageEventWriter.GeneratedSize(image),
                Action = image.Decoder == DecoderChoice.Editing ? "edit" : "generate",
            },
            message,
            events);
    }

    private void Open(OutputItem item, List<ResponseEvent> events)
    {
        _items.Add(item);
        events.Add(Event("response.output_item.added") with { OutputIndex = _items.Count - 1, Item = item });
    }

    private void Close(OutputItem item, RequestMessage message, List<ResponseEvent> events)
    {
        _items[^1] = item;
        Items.Add((item.Id, message));
        events.Add(Event("response.output_item.done") with { OutputIndex = _items.Count - 1, Item = item });
    }

    private void End(Reply reply, List<ResponseEvent> events)
    {
        EndText(events);
        bool cut = reply.Finish == Autoregressive.FinishReason.Length;
        Response = Response with
        {
            Status = cut ? "incomplete" : BackgroundStatus.Completed,
            Progress = null,
            IncompleteDetails = cut ? new IncompleteDetails("max_output_tokens") : null,
            Output = [.. _items],
            Usage = new ResponseUsage(
                reply.PromptTokenCount,
                new ResponseInputDetails(0),
                reply.TokenIds.Count,
                new ResponseOutputDetails(0),
                reply.PromptTokenCount + reply.TokenIds.Count),
        };
        events.Add(Event(cut ? "response.incomplete" : "response.completed") with { Response = Response });
    }
}
