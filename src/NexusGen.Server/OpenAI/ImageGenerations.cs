using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.OpenAI;

/// <summary>
/// Handles /v1/images/generations and /v1/images/edits: images of a text, or edited by one, and those that are generated in the
/// background.
/// </summary>
internal sealed class ImageGenerations(
    ModelGateway gateway,
    ImageEditReader edits,
    ImageStore store,
    BackgroundResults background,
    Limits limits,
    EventStream stream)
{
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

    /// <summary>Sends images of the background, or their events.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">Their id.</param>
    /// <param name="streamed">true for the events.</param>
    /// <param name="after">The number of the event after which they begin, or null for all.</param>
    public async Task GetAsync(HttpContext context, string id, bool streamed, int? after)
    {
        if (!streamed)
        {
            await SendAsync(context, await background.FindAsync(context, ImageGenerationJob.Name, id).ConfigureAwait(false))
                .ConfigureAwait(false);
        }
        else if (!await background.TryStreamAsync(context, ImageGenerationJob.Name, id, after, ImageGenerationJob.Failure)
            .ConfigureAwait(false))
        {
            throw Gone();
        }
    }

    /// <summary>Cancels images of the background, and sends what there is of them.</summary>
    public async Task CancelAsync(HttpContext context, string id) =>
        await SendAsync(context, await background.CancelAsync(context, ImageGenerationJob.Name, id).ConfigureAwait(false))
            .ConfigureAwait(false);

    /// <summary>Deletes images of the background. If they are unfinished, they are cancelled.</summary>
    public async Task DeleteAsync(HttpContext context, string id)
    {
        if (!await background.DeleteAsync(context, ImageGenerationJob.Name, id).ConfigureAwait(false))
        {
            throw Gone();
        }

        await JsonText.SendAsync(
            context, new Deleted(id, "images", true), ApiJson.Default.Deleted, context.RequestAborted).ConfigureAwait(false);
    }

    private static ApiException Gone() => ApiException.NotFound("There are no such images, or they are not kept any more.", "id");

    private async Task HandleAsync(HttpContext context, ImageRequest request, RequestImages? images)
    {
        limits.Model(request.Model, request.Loras);
        var settings = ImageGenerationSettings.Read(request, images is not null, limits, gateway);
        var job = new ImageGenerationJob(
            ShortTermStore<object>.NewId("img_"), DateTimeOffset.UtcNow.ToUnixTimeSeconds(), settings, images, limits);
        if (settings.IsAsync)
        {
            if (images is not null)
            {
                job.Source = (await images.KeepAsync(context.RequestAborted).ConfigureAwait(false))[^1].File;
            }

            await background.StartAsync(context, job, request.Stream == true, ImageGenerationJob.Failure).ConfigureAwait(false);
            return;
        }

        using ModelGateway.Work work = await gateway.BeginAsync(context, job.Operation).ConfigureAwait(false);
        if (request.Stream == true)
        {
            await stream.SendAsync(context, job.RunAsync(work), job.Fail, work.Cancellation).ConfigureAwait(false);
            return;
        }

        await foreach (ImageEvent _ in job.EventsAsync(work).ConfigureAwait(false))
        {
        }

        ImageResponse response = settings.AsUrl ? WithAddresses(context, job.Current, job.Id) : job.Current;
        await JsonText.SendAsync(context, response, ApiJson.Default.ImageResponse, work.Cancellation).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, byte[]? json)
    {
        ImageResponse response = JsonSerializer.Deserialize(json ?? throw Gone(), ApiJson.Default.ImageResponse)!;
        if (response.ResponseFormat == ImageGenerationSettings.Url)
        {
            response = WithAddresses(context, response, response.Id!);
        }

        await JsonText.SendAsync(context, response, ApiJson.Default.ImageResponse, context.RequestAborted).ConfigureAwait(false);
    }

    private ImageResponse WithAddresses(HttpContext context, ImageResponse response, string id) => response with
    {
        Data =
        [
            .. response.Data.Select((image, i) => image with
            {
                B64Json = null,
                Url = Keep(context, image, ImageFileFormat.Parse(response.OutputFormat, "output_format"), $"{id}/{i}"),
            }),
        ],
    };

    // An image that is asked for again has the same address.
    private string Keep(HttpContext context, ImageData image, ImageFileFormat format, string name)
    {
        string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 20));
        if (store.Find(id, "") is null)
        {
            byte[] file = Convert.FromBase64String(image.B64Json!);
            store.Add(id, "", new EncodedImage(file, format.MediaType), file.Length);
        }

        return $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{ImageStore.Path}{id}";
    }
}
