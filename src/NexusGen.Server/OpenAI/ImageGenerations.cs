using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Http;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>Handles POST /v1/images/generations and /v1/images/edits: images of a text, or edited by one.</summary>
internal sealed class ImageGenerations(
    ModelGateway gateway, ImageEditReader edits, ImageStore store, Limits limits, EventStream stream)
{
    private const int MaxPartialImages = 3;

    /// <summary>Handles a request to generate images.</summary>
    public async Task GenerateAsync(HttpContext context)
    {
        ImageRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ImageRequest).ConfigureAwait(false);
        await HandleAsync(context, request, null).ConfigureAwait(false);
    }

    /// <summary>Handles a request to edit an image. If there are several, the last one is edited, as in a conversation.</summary>
    public async Task EditAsync(HttpContext context)
    {
        (ImageRequest request, RequestImages images) = await edits.ReadAsync(context).ConfigureAwait(false);
        await HandleAsync(context, request, images).ConfigureAwait(false);
    }

    private async Task HandleAsync(HttpContext context, ImageRequest request, RequestImages? images)
    {
        limits.Model(request.Model);
        string prompt = string.IsNullOrWhiteSpace(request.Prompt)
            ? throw ApiException.BadRequest("prompt is empty.", "prompt")
            : request.Prompt;
        limits.TextLength(prompt.Length, "prompt");
        var format = ImageFileFormat.Parse(request.OutputFormat, "output_format");
        bool asUrl = request.ResponseFormat switch
        {
            null or "b64_json" => false,
            "url" => true,
            _ => throw ApiException.BadRequest("response_format must be b64_json or url.", "response_format"),
        };
        int? previews = Limits.InRange(request.PartialImages, 0, MaxPartialImages, "partial_images");
        int partial = request.Stream == true ? previews ?? 0 : 0;
        bool editing = images is not null;
        ImageSettings settings = Settings(request, editing, partial);

        using ModelGateway.Work work = await gateway.BeginAsync(context, editing ? "edit" : "draw").ConfigureAwait(false);
        var generation = new ImageGeneration(prompt, null, settings, limits.MaxTokens);
        if (images is not null)
        {
            generation = generation with { Source = (await images.DecodeAsync(work.Cancellation).ConfigureAwait(false))[^1] };
        }

        if (request.Stream == true)
        {
            var writer = new ImageEventWriter(editing ? "image_edit" : "image_generation", format, partial);
            IAsyncEnumerable<SseItem<byte[]>> events = EventsAsync(writer, work.StreamAsync(generation));
            await stream.SendAsync(context, events, Failure, work.Cancellation).ConfigureAwait(false);
            return;
        }

        Reply reply = await work.GenerateAsync(generation).ConfigureAwait(false);
        await JsonText.SendAsync(
            context, Response(context, reply, format, asUrl), ApiJson.Default.ImageResponse, work.Cancellation)
            .ConfigureAwait(false);
    }

    private ImageSettings Settings(ImageRequest request, bool editing, int partial)
    {
        var fields = new PictureFields
        {
            Steps = request.Steps,
            CfgScale = request.CfgScale,
            NegativePrompt = request.NegativePrompt,
            Size = request.Size,
            Fit = request.Fit,
            Seed = request.Seed,
        };
        ImageSettings settings = ImageSettingsReader.Read(fields, limits, parent: null) with { Count = limits.Count(request.N) };
        int steps = settings.Steps ?? gateway.Defaults(editing).Steps;
        return settings with { PreviewEvery = partial == 0 ? null : Math.Max(1, steps / (partial + 1)) };
    }

    private ImageResponse Response(HttpContext context, Reply reply, ImageFileFormat format, bool asUrl)
    {
        List<ImageData> data = [];
        foreach (OutputImage image in reply.Images)
        {
            byte[] file = format.Encode(image.Image);
            data.Add(new ImageData
            {
                B64Json = asUrl ? null : Convert.ToBase64String(file),
                Url = asUrl ? Keep(context, file, format) : null,
                Seed = image.Settings.Seed,
            });
        }

        long created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new ImageResponse(
            created, data, format.Name, ImageEventWriter.Size(reply.Images[0].Image), ImageEventWriter.Usage(reply))
        {
            GeneratedSize = ImageEventWriter.GeneratedSize(reply.Images[0]),
        };
    }

    private static async IAsyncEnumerable<SseItem<byte[]>> EventsAsync(
        ImageEventWriter writer, IAsyncEnumerable<ReplyUpdate> updates)
    {
        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            if (writer.Next(update) is { } piece)
            {
                yield return EventStream.Event(piece, ApiJson.Default.ImageEvent, piece.Type);
            }
        }
    }

    private static SseItem<byte[]> Failure(ApiException error) =>
        EventStream.Event(new ErrorBody(error.Details), ApiJson.Default.ErrorBody, "error");

    private string Keep(HttpContext context, byte[] data, ImageFileFormat format)
    {
        string id = ShortTermStore<object>.NewId("");
        store.Add(id, "", new EncodedImage(data, format.MediaType), data.Length);
        return $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{ImageStore.Path}{id}";
    }
}
