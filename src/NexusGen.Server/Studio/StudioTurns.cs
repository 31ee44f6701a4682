using System.Diagnostics;
using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Http;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.OpenAI;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>
/// Handles POST /studio/api/turns: the reply to a conversation, as a stream. Generated images are added to the gallery.
/// </summary>
internal sealed class StudioTurns(
    ModelGateway gateway, StudioImages gallery, ImageReader reader, Limits limits, EventStream stream)
{
    private const int Previews = 8;

    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        StudioRequest request = await JsonBody.ReadAsync(context, StudioJson.Default.StudioRequest).ConfigureAwait(false);
        var images = new RequestImages(reader, limits, "messages");
        IReadOnlyList<RequestMessage> messages = Read(context, request, images);
        ImageSettings settings = ImageSettingsReader.Read(Fields(request), limits);
        string prompt = request.Messages![^1].Text ?? "";
        ChatAction action = ImageSettingsReader.Action(request.Action ?? (request.Draw == true ? "draw" : null), "action");
        bool needsImage = action is ChatAction.Draw or ChatAction.Edit;
        if (needsImage && string.IsNullOrWhiteSpace(prompt))
        {
            throw ApiException.BadRequest("The last message has no text: say what to draw.", "messages");
        }

        if (action == ChatAction.Edit && messages[^1].Images.Count == 0)
        {
            throw ApiException.BadRequest("The last message has no picture to edit: attach one.", "messages");
        }

        using ModelGateway.Work work = await gateway.BeginAsync(context, "studio").ConfigureAwait(false);
        await images.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        RgbImage? source = messages[^1].Images.LastOrDefault()?.Pixels;
        var turn = new ChatInput(prompt)
        {
            Action = action,
            UseLastImage = request.UseLastPicture ?? true,
            Reply = new ReplySettings { MaxNewTokens = limits.MaxTokens, Seed = settings.Seed!.Value },
            Settings = settings,
        };
        IAsyncEnumerable<ReplyUpdate> updates = needsImage
            ? work.StreamAsync(new ImageGeneration(prompt, source, settings, limits.MaxTokens))
            : await work.AnswerAsync(RequestMessage.ToConversation(messages, turn), "messages").ConfigureAwait(false);

        // At once, so that the page sees its turn begin: errors are events from here on.
        await EventStream.StartAsync(context.Response, context.RequestAborted).ConfigureAwait(false);
        IAsyncEnumerable<SseItem<byte[]>> events = EventsAsync(context, updates, prompt, LastPicture(request));
        await stream.SendAsync(context, events, Failure, work.Cancellation).ConfigureAwait(false);
    }

    private static SseItem<byte[]> Failure(ApiException error) =>
        EventStream.Event(new ErrorBody(error.Details), ErrorJson.Default.ErrorBody, "error");

    private async IAsyncEnumerable<SseItem<byte[]>> EventsAsync(
        HttpContext context, IAsyncEnumerable<ReplyUpdate> updates, string prompt, string? source)
    {
        long start = Stopwatch.GetTimestamp();
        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            StudioEvent? piece = update switch
            {
                ReplyUpdate.TextDelta text => new StudioEvent("text") { Text = text.Text },
                ReplyUpdate.Denoising step => new StudioEvent("step") { Step = step.Step, Steps = step.Steps },
                ReplyUpdate.Preview preview =>
                    new StudioEvent("step") { Step = preview.Step, Preview = ImageFileFormat.Png.DataUrl(preview.Image) },
                ReplyUpdate.ImageFinished { Image: var image } => Finished(image),
                ReplyUpdate.Finished =>
                    new StudioEvent("done") { Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2) },
                _ => null,
            };
            if (piece is not null)
            {
                yield return EventStream.Event(piece, StudioJson.Default.StudioEvent);
            }
        }

        StudioEvent Finished(OutputImage image)
        {
            (GalleryPicture picture, EncodedImage? unkept) = gallery.Keep(context, image, prompt, source, start);
            return new StudioEvent("picture")
            {
                Picture = picture,
                Data = unkept is null ? null : $"data:{unkept.MediaType};base64,{Convert.ToBase64String(unkept.Data)}",
                GeneratedSize = ImageEventWriter.GeneratedSize(image),
            };
        }
    }

    private IReadOnlyList<RequestMessage> Read(HttpContext context, StudioRequest request, RequestImages images)
    {
        if (request.Messages is not { Count: > 0 } given)
        {
            throw ApiException.BadRequest("messages is empty: there is nothing to answer.", "messages");
        }

        // Of a long conversation only the newest images are looked up. The others would be left out anyway.
        limits.Images(given[^1]?.Pictures?.Count ?? 0, "messages");
        int leftOut = given.Sum(message => message?.Pictures?.OfType<string>().Count() ?? 0) - limits.MaxImages;
        List<RequestMessage> read = [];
        foreach ((int i, StudioMessage? message) in given.Index())
        {
            MessageRole role = message?.Role switch
            {
                "user" => MessageRole.User,
                "assistant" => MessageRole.Assistant,
                _ => throw ApiException.BadRequest($"messages[{i}].role must be user or assistant.", $"messages[{i}].role"),
            };

            // The images of a user are before the text, those of the assistant after it.
            var result = new RequestMessage(role);
            result.Add(role == MessageRole.Assistant ? message.Text ?? "" : "");
            foreach (string id in (message.Pictures ?? []).OfType<string>())
            {
                // Images that were deleted are omitted, but those of the turn to answer must exist.
                if (leftOut-- > 0)
                {
                    result.AddLeftOutImage();
                }
                else if (gallery.Has(context, id))
                {
                    result.Add(images.Add(_ => Task.FromResult(gallery.File(context, id)), id));
                }
                else if (i == given.Count - 1)
                {
                    throw StudioImages.Missing();
                }
            }

            result.Add(role == MessageRole.User ? message.Text ?? "" : "");
            read.Add(result);
        }

        return RequestHistory.Fit(read, images, limits, "messages");
    }

    private PictureFields Fields(StudioRequest request)
    {
        PictureFields fields = request.Picture ?? new PictureFields();
        int steps = limits.Steps(fields.Steps, "picture.steps") ?? gateway.Defaults(editing: false).Steps;
        return fields with { PreviewEvery = fields.PreviewEvery ?? Math.Max(1, steps / Previews) };
    }

    private static string? LastPicture(StudioRequest request) =>
        request.Messages!.SelectMany(message => message.Pictures ?? []).LastOrDefault();
}
