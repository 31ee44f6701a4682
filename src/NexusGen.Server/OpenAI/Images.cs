using Microsoft.AspNetCore.Http;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>POST /v1/images/generations and /v1/images/edits: pictures of a text, or changed by one.</summary>
internal sealed class Images(ModelGateway gateway, ImageForm form, PictureStore store, Limits limits, ErrorTranslation errors)
{
    private const int MostPartial = 3;

    /// <summary>Draws.</summary>
    public async Task GenerateAsync(HttpContext context)
    {
        ImageRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.ImageRequest).ConfigureAwait(false);
        await HandleAsync(context, request, null).ConfigureAwait(false);
    }

    /// <summary>Edits. Of several pictures the last one is changed, as in a conversation.</summary>
    public async Task EditAsync(HttpContext context)
    {
        (ImageRequest request, RequestPictures pictures) = await form.ReadAsync(context).ConfigureAwait(false);
        await HandleAsync(context, request, pictures).ConfigureAwait(false);
    }

    private async Task HandleAsync(HttpContext context, ImageRequest request, RequestPictures? pictures)
    {
        limits.Model(request.Model);
        string prompt = string.IsNullOrWhiteSpace(request.Prompt) ? throw ApiException.BadRequest("prompt is empty.", "prompt") : request.Prompt;
        limits.TextLength(prompt.Length, "prompt");
        var format = PictureFormat.Parse(request.OutputFormat, "output_format");
        bool asUrl = request.ResponseFormat switch
        {
            null or "b64_json" => false,
            "url" => true,
            _ => throw ApiException.BadRequest("response_format must be b64_json or url.", "response_format"),
        };
        int partial = request.Stream == true ? Limits.InRange(request.PartialImages, 0, MostPartial, "partial_images") ?? 0 : 0;
        PictureSettings settings = Settings(request, pictures is not null, partial);
        using ModelGateway.Work work = await gateway.BeginAsync(context, pictures is null ? "draw" : "edit").ConfigureAwait(false);
        RgbImage? source = pictures is null ? null : (await pictures.DecodeAsync(work.Cancellation).ConfigureAwait(false))[^1];
        var drawing = new Drawing(gateway.Model, prompt, source, settings, limits.MostTokens);
        await (request.Stream == true
            ? StreamAsync(context, drawing, format, source is null ? "image_generation" : "image_edit", partial, work)
            : AnswerAsync(context, drawing, format, asUrl, work)).ConfigureAwait(false);
    }

    private PictureSettings Settings(ImageRequest request, bool editing, int partial)
    {
        var fields = new PictureFields { Steps = request.Steps, CfgScale = request.CfgScale, NegativePrompt = request.NegativePrompt, Size = request.Size, Seed = request.Seed };
        PictureSettings settings = PictureSettingsOf.Read(fields, limits) with { Count = limits.Count(request.N) };
        int steps = settings.Steps ?? (editing ? gateway.Model.Configuration.Defaults.Edit : gateway.Model.Configuration.Defaults.Generate).Steps;
        return settings with { PreviewEvery = partial == 0 ? null : Math.Max(1, steps / (partial + 1)) };
    }

    private async Task AnswerAsync(HttpContext context, Drawing drawing, PictureFormat format, bool asUrl, ModelGateway.Work work)
    {
        PictureReply reply = await drawing.DrawAsync(work.Cancellation).ConfigureAwait(false);
        work.Count(reply);
        List<ImageData> pictures = [];
        foreach (DrawnPicture picture in reply.Pictures)
        {
            byte[] data = format.Encode(picture.Image);
            pictures.Add(new ImageData
            {
                B64Json = asUrl ? null : Convert.ToBase64String(data),
                Url = asUrl ? Keep(context, data, format) : null,
                Seed = picture.Settings.Seed,
            });
        }

        var response = new ImageResponse(DateTimeOffset.UtcNow.ToUnixTimeSeconds(), pictures, format.Name, SizeOf(reply.Pictures[0].Image), Usage(reply));
        await context.Response.WriteAsJsonAsync(response, ApiJson.Default.ImageResponse, cancellationToken: work.Cancellation).ConfigureAwait(false);
    }

    private async Task StreamAsync(HttpContext context, Drawing drawing, PictureFormat format, string kind, int partial, ModelGateway.Work work)
    {
        var events = new ServerSentEvents(context.Response);
        ImageEvent? last = null;
        int told = 0;
        bool begun = false;
        Task Send(ImageEvent piece)
        {
            begun = true;
            return events.WriteAsync(piece, ApiJson.Default.ImageEvent, piece.Type, work.Cancellation);
        }

        ImageEvent Event(string what, RgbImage image) => new(
            $"{kind}.{what}", Convert.ToBase64String(format.Encode(image)), DateTimeOffset.UtcNow.ToUnixTimeSeconds(), SizeOf(image), format.Name);
        try
        {
            await foreach (ReplyUpdate update in drawing.RunAsync(work.Cancellation).ConfigureAwait(false))
            {
                switch (update)
                {
                    case ReplyUpdate.Preview preview when told < partial:
                        await Send(Event("partial_image", preview.Image) with { PartialImageIndex = told++ }).ConfigureAwait(false);
                        break;
                    case ReplyUpdate.PictureFinished { Picture: var picture }:
                        // One behind, so that the last one can count tokens.
                        await (last is null ? Task.CompletedTask : Send(last)).ConfigureAwait(false);
                        last = Event("completed", picture.Image);
                        break;
                    case ReplyUpdate.Finished { Reply: var reply } when last is not null:
                        work.Count(reply);
                        await Send(last with { Usage = Usage(reply) }).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception e) when (begun && !context.RequestAborted.IsCancellationRequested)
        {
            await events.FailAsync(new ErrorBody(errors.Translate(e, context.TraceIdentifier).Details), ApiJson.Default.ErrorBody, "error").ConfigureAwait(false);
        }
    }

    private string Keep(HttpContext context, byte[] data, PictureFormat format)
    {
        string id = ShortTermStore<object>.NewId("");
        store.Add(id, "", new PictureData(data, format.MediaType), data.Length);
        return $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}/pictures/{id}";
    }

    private static string SizeOf(RgbImage image) => $"{image.Width}x{image.Height}";

    private static ImageUsage Usage(Reply reply) => new(
        reply.PromptTokenCount, reply.TokenIds.Count, reply.PromptTokenCount + reply.TokenIds.Count, new ImageTokenDetails(reply.PromptTokenCount, 0));
}
