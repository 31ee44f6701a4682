using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.OpenAI;
using NexusGen.Server.Pictures;

namespace NexusGen.Server.Studio;

/// <summary>POST /studio/api/turns: the reply to a conversation, in pieces; what it draws goes into the gallery.</summary>
internal sealed class StudioTurns(ModelGateway gateway, StudioPictures gallery, ChatMessages messages, PictureReader reader, Limits limits, ErrorTranslation errors)
{
    private const int Previews = 8;

    private readonly NexusGenChatClient _client = new(gateway.Model);

    /// <summary>Handles a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        StudioRequest request = await JsonBody.ReadAsync(context, StudioJson.Default.StudioRequest).ConfigureAwait(false);
        var pictures = new RequestPictures(reader, limits, "messages");
        List<ChatMessage> conversation = Read(context, request, pictures);
        PictureFields fields = Fields(request);
        PictureSettings settings = PictureSettingsOf.Read(fields, limits);
        string prompt = conversation[^1].Text;
        if (request.Draw == true && string.IsNullOrWhiteSpace(prompt))
        {
            throw ApiException.BadRequest("The last message has no text: say what to draw.", "messages");
        }

        using ModelGateway.Work work = await gateway.BeginAsync(context, "studio").ConfigureAwait(false);
        await pictures.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        IAsyncEnumerable<ReplyUpdate> updates = request.Draw == true
            ? new Drawing(gateway.Model, prompt, Source(conversation), settings, limits.MostTokens).RunAsync(work.Cancellation)
            : Updates(_client.GetStreamingResponseAsync(
                conversation, new ChatOptions { MaxOutputTokens = limits.MostTokens, AdditionalProperties = PictureSettingsOf.Properties(fields, limits) }, work.Cancellation));
        await SendAsync(context, updates, prompt, LastPicture(request), work).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, IAsyncEnumerable<ReplyUpdate> updates, string prompt, string? source, ModelGateway.Work work)
    {
        var events = new ServerSentEvents(context.Response);
        Task Send(StudioEvent piece) => events.WriteAsync(piece, StudioJson.Default.StudioEvent, null, work.Cancellation);
        long start = Stopwatch.GetTimestamp();
        try
        {
            await events.BeginAsync(work.Cancellation).ConfigureAwait(false);
            await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
            {
                switch (update)
                {
                    case ReplyUpdate.TextDelta text:
                        await Send(new StudioEvent("text") { Text = text.Text }).ConfigureAwait(false);
                        break;
                    case ReplyUpdate.Denoising d:
                        await Send(new StudioEvent("step") { Step = d.Step, Steps = d.Steps }).ConfigureAwait(false);
                        break;
                    case ReplyUpdate.Preview preview:
                        await Send(new StudioEvent("step") { Step = preview.Step, Preview = PictureFormat.Png.DataUrl(preview.Image) }).ConfigureAwait(false);
                        break;
                    case ReplyUpdate.PictureFinished { Picture: var drawn }:
                        await Send(new StudioEvent("picture") { Picture = gallery.Keep(context, drawn, prompt, source, start) }).ConfigureAwait(false);
                        break;
                    case ReplyUpdate.Finished { Reply: var reply }:
                        work.Count(reply);
                        await Send(new StudioEvent("done") { Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2) }).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            await events.FailAsync(new ErrorBody(errors.Translate(e, context.TraceIdentifier).Details), ApiJson.Default.ErrorBody, "error").ConfigureAwait(false);
        }
    }

    private List<ChatMessage> Read(HttpContext context, StudioRequest request, RequestPictures pictures)
    {
        if (request.Messages is not { Count: > 0 } given)
        {
            throw ApiException.BadRequest("messages is empty: there is nothing to answer.", "messages");
        }

        limits.Pictures(given.Sum(message => message?.Pictures?.Count ?? 0), "messages");
        List<ChatMessage> read = [];
        foreach ((int i, StudioMessage? message) in given.Index())
        {
            ChatRole role = message?.Role switch
            {
                "user" => ChatRole.User,
                "assistant" => ChatRole.Assistant,
                _ => throw ApiException.BadRequest($"messages[{i}].role must be user or assistant.", $"messages[{i}].role"),
            };

            // What was deleted since is left out of the conversation; what is asked about now must be there.
            bool asked = i == given.Count - 1;
            IEnumerable<AIContent> brought = (message.Pictures ?? []).OfType<string>().Where(id => gallery.Has(context, id) || (asked ? throw StudioPictures.Missing() : false))
                .Select(id => pictures.Add(_ => Task.FromResult(gallery.File(context, id)), id));
            AIContent text = new TextContent(message.Text ?? "");
            read.Add(new ChatMessage(role, role == ChatRole.User ? [.. brought, text] : [text, .. brought]));
        }

        messages.Check(read, "messages");
        return read;
    }

    private PictureFields Fields(StudioRequest request)
    {
        PictureFields fields = request.Picture ?? new PictureFields();
        int steps = limits.Steps(fields.Steps, "picture.steps") ?? gateway.Model.Configuration.Defaults.Generate.Steps;
        return fields with { PreviewEvery = fields.PreviewEvery ?? Math.Max(1, steps / Previews) };
    }

    private static RgbImage? Source(List<ChatMessage> conversation) =>
        conversation[^1].Contents.OfType<DataContent>().LastOrDefault()?.RawRepresentation as RgbImage;

    private static string? LastPicture(StudioRequest request) => request.Messages!.SelectMany(message => message.Pictures ?? []).LastOrDefault();

    // In the order in which the model tells it: words behind a picture may come before it is painted.
    private static async IAsyncEnumerable<ReplyUpdate> Updates(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (ChatResponseUpdate update in updates.ConfigureAwait(false))
        {
            switch (update.RawRepresentation)
            {
                case ReplyUpdate raw:
                    yield return raw;
                    break;
                case DrawnPicture picture:
                    yield return new ReplyUpdate.PictureFinished(picture);
                    break;
                case Reply reply:
                    yield return new ReplyUpdate.Finished(reply);
                    break;
                default:
                    foreach (TextContent text in update.Contents.OfType<TextContent>())
                    {
                        yield return new ReplyUpdate.TextDelta(text.Text);
                    }

                    break;
            }
        }
    }
}
