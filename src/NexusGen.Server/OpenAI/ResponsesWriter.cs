using NexusGen.Requests;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>Builds a response from the updates of a reply, and reports each change as the API's events.</summary>
/// <param name="start">The response at the start.</param>
/// <param name="format">The format of images.</param>
/// <param name="maxPartial">The maximum number of partial images of each image.</param>
internal sealed class ResponsesWriter(ResponseBody start, ImageFileFormat format, int maxPartial)
{
    private readonly List<OutputItem> _items = [];
    private int _number;

    // The text of the current message, or null if the current item is not a message.
    private string? _text;

    // The index of the current image.
    private int? _image;
    private int _partial;

    /// <summary>Gets the current response.</summary>
    public ResponseBody Response { get; private set; } = start;

    /// <summary>
    /// Gets the finished items as messages, by their ids, for requests that continue the response or refer to its items.
    /// </summary>
    public List<(string Id, RequestMessage Message)> Items { get; } = [];

    /// <summary>Returns the first events.</summary>
    public IEnumerable<ResponseEvent> Begin() =>
        [Event("response.created") with { Response = Response }, Event("response.in_progress") with { Response = Response }];

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
                break;
        }

        return events;
    }

    /// <summary>Returns the event of an error.</summary>
    public ResponseEvent Fail(ApiException error)
    {
        Response = Response with
        {
            Status = "failed",
            Error = new ResponseError(error.Details.Code ?? "server_error", error.Message),
            Output = [.. _items.Select(BrokenOff)],
        };
        return Event("response.failed") with { Response = Response };
    }

    // Completed items stay completed, and a message keeps the text so far.
    private OutputItem BrokenOff(OutputItem item) => (item.Status, item.Type) switch
    {
        ("completed", _) => item,
        (_, "message") => item with { Status = "incomplete", Content = [new OutputPart(_text ?? "")] },
        _ => item with { Status = "failed" },
    };

    private ResponseEvent Event(string type) => new(type) { SequenceNumber = _number++ };

    private ResponseEvent OfItem(string type) => Event(type) with { OutputIndex = _items.Count - 1, ItemId = _items[^1].Id };

    private void Say(string text, List<ResponseEvent> events)
    {
        if (_text is null)
        {
            _text = "";
            string id = ShortTermStore<object>.NewId("msg_");
            Open(new OutputItem("message", id, "in_progress") { Role = "assistant", Content = [] }, events);
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
        Close(_items[^1] with { Status = "completed", Content = [part] }, RequestMessage.Of(MessageRole.Assistant, text), events);
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
        Open(new OutputItem("image_generation_call", ShortTermStore<object>.NewId("ig_"), "in_progress"), events);
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
                Status = "completed",
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
            Status = cut ? "incomplete" : "completed",
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
