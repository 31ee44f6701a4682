using NexusGen.Requests;
using NexusGen.Server.Pictures;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>Builds a response from the updates of a reply, and reports each change as the API's events.</summary>
/// <param name="start">The response before anything was said.</param>
/// <param name="format">The format of pictures.</param>
/// <param name="mostPartial">How many partial pictures are told of each.</param>
internal sealed class ResponsesWriter(ResponseBody start, PictureFormat format, int mostPartial)
{
    private readonly List<OutputItem> _items = [];
    private int _number;
    private string? _text;
    private int? _painting;
    private int _partial;

    /// <summary>The response as it is.</summary>
    public ResponseBody Response { get; private set; } = start;

    /// <summary>Gets the reply as a message, for a request that continues the response.</summary>
    public RequestMessage Message { get; } = new(MessageRole.Assistant);

    /// <summary>Gets the files of the finished images, by the names of their items.</summary>
    public List<(string Id, PictureData Data)> Pictures { get; } = [];

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
                Message.Add(text.Text);
                Say(text.Text, events);
                break;
            case ReplyUpdate.Denoising step:
                BeginPicture(step.Index, events);
                break;
            case ReplyUpdate.Preview preview when _partial < mostPartial:
                BeginPicture(preview.Index, events);
                events.Add(OfItem("response.image_generation_call.partial_image") with
                {
                    PartialImageB64 = Convert.ToBase64String(format.Encode(preview.Image)),
                    PartialImageIndex = _partial++,
                });
                break;
            case ReplyUpdate.ImageFinished { Image: var image }:
                Message.Add(new RequestImage { Pixels = image.Image });
                BeginPicture(image.Index, events);
                EndPicture(image, events);
                break;
            case ReplyUpdate.Finished { Reply: var reply }:
                End(reply, events);
                break;
        }

        return events;
    }

    /// <summary>The event that says that it failed.</summary>
    public ResponseEvent Fail(string message)
    {
        Response = Response with { Status = "failed", Error = new ResponseError("server_error", message), Output = [.. _items.Select(BrokenOff)] };
        return Event("response.failed") with { Response = Response };
    }

    // What was whole stays so, and of a message the words so far are kept.
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
            Open(new OutputItem("message", ShortTermStore<object>.NewId("msg_"), "in_progress") { Role = "assistant", Content = [] }, events);
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
        Close(_items[^1] with { Status = "completed", Content = [part] }, events);
    }

    private void BeginPicture(int index, List<ResponseEvent> events)
    {
        if (_painting == index)
        {
            return;
        }

        EndText(events);
        _painting = index;
        _partial = 0;
        Open(new OutputItem("image_generation_call", ShortTermStore<object>.NewId("ig_"), "in_progress"), events);
        events.Add(OfItem("response.image_generation_call.in_progress"));
        events.Add(OfItem("response.image_generation_call.generating"));
    }

    private void EndPicture(OutputImage picture, List<ResponseEvent> events)
    {
        byte[] data = format.Encode(picture.Image);
        Pictures.Add((_items[^1].Id, new PictureData(data, format.MediaType)));
        events.Add(OfItem("response.image_generation_call.completed"));
        Close(
            _items[^1] with
            {
                Status = "completed",
                Result = Convert.ToBase64String(data),
                OutputFormat = format.Name,
                Size = $"{picture.Image.Width}x{picture.Image.Height}",
            },
            events);
    }

    private void Open(OutputItem item, List<ResponseEvent> events)
    {
        _items.Add(item);
        events.Add(Event("response.output_item.added") with { OutputIndex = _items.Count - 1, Item = item });
    }

    private void Close(OutputItem item, List<ResponseEvent> events)
    {
        _items[^1] = item;
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
                reply.PromptTokenCount, new ResponseInputDetails(0), reply.TokenIds.Count, new ResponseOutputDetails(0), reply.PromptTokenCount + reply.TokenIds.Count),
        };
        events.Add(Event(cut ? "response.incomplete" : "response.completed") with { Response = Response });
    }
}
