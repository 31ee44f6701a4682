using System.Net.ServerSentEvents;
using NexusGen.Requests;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Computes images of the Images API, for a client that waits or in the background.</summary>
/// <param name="id">The id of the response.</param>
/// <param name="created">The time of the request in seconds since 1970.</param>
/// <param name="settings">What the request says.</param>
/// <param name="images">The image to edit, which is not decoded yet, or null to generate images.</param>
/// <param name="limits">The limits, which know the LoRAs that there are when the images are computed.</param>
internal sealed class ImageGenerationJob(
    string id, long created, ImageGenerationSettings settings, RequestImages? images, Limits limits)
    : BackgroundJob
{
    /// <summary>The kind of these jobs.</summary>
    public const string Name = "images";

    private readonly ImageEventWriter _writer =
        new(images is null ? "image_generation" : "image_edit", settings.Format, settings.MaxPartial);

    // Read by other threads while the images are computed.
    private volatile ImageResponse _response = new(created, [])
    {
        Id = settings.IsAsync ? id : null,
        Status = settings.IsAsync ? BackgroundStatus.Queued : null,
        ResponseFormat = settings is { IsAsync: true, AsUrl: true } ? ImageGenerationSettings.Url : null,
    };

    /// <summary>Gets or sets the file of the image to edit, which is saved with the request.</summary>
    public byte[]? Source { get; set; }

    /// <summary>Gets the current response.</summary>
    public ImageResponse Current => _response;

    /// <inheritdoc/>
    public override string Id => id;

    /// <inheritdoc/>
    public override string Kind => Name;

    /// <inheritdoc/>
    public override string Operation => images is null ? "draw" : "edit";

    /// <inheritdoc/>
    public override string Status => _response.Status ?? BackgroundStatus.InProgress;

    /// <summary>Creates the event of an error that is not the job's.</summary>
    public static SseItem<byte[]> Failure(ApiException error) =>
        EventStream.Event(new ErrorBody(error.Details), ApiJson.Default.ErrorBody, "error");

    /// <inheritdoc/>
    public override byte[] Save() => JsonText.Serialize(
        new SavedImages(id, created, settings.Request, Source), ApiJson.Default.SavedImages).ToArray();

    /// <inheritdoc/>
    public override byte[] Response() => JsonText.Serialize(_response, ApiJson.Default.ImageResponse).ToArray();

    /// <inheritdoc/>
    public override IEnumerable<SseItem<byte[]>> Queue() => [Event(_writer.State(BackgroundStatus.Queued, id))];

    /// <inheritdoc/>
    public override async IAsyncEnumerable<SseItem<byte[]>> RunAsync(ModelGateway.Work work)
    {
        await foreach (ImageEvent piece in EventsAsync(work).ConfigureAwait(false))
        {
            yield return Event(piece);
        }
    }

    /// <summary>Computes the images.</summary>
    /// <param name="work">The slot of the job.</param>
    /// <returns>The events of the images.</returns>
    public async IAsyncEnumerable<ImageEvent> EventsAsync(ModelGateway.Work work)
    {
        if (settings.IsAsync)
        {
            _response = _response with { Status = BackgroundStatus.InProgress };
            yield return _writer.State(BackgroundStatus.InProgress, id);
        }

        var generation = new ImageGeneration(settings.Prompt, null, settings.Images, settings.MaxTokens)
        {
            Loras = limits.Model(settings.Request.Model, settings.Request.Loras),
        };
        if (images is not null)
        {
            generation = generation with { Source = (await images.DecodeAsync(work.Cancellation).ConfigureAwait(false))[^1] };
        }

        await foreach (ReplyUpdate update in work.StreamAsync(generation).ConfigureAwait(false))
        {
            ImageEvent? piece = _writer.Next(update);
            if (piece is { Seed: not null })
            {
                _response = _response with
                {
                    Data = [.. _response.Data, new ImageData { B64Json = piece.B64Json, Seed = piece.Seed }],
                };
            }

            _response = update switch
            {
                ReplyUpdate.Denoising step when settings.IsAsync =>
                    _response with { Progress = new StepProgress(step.Step, step.Steps) },
                ReplyUpdate.Finished { Reply: var reply } => Finished(reply),
                _ => _response,
            };
            if (piece is not null)
            {
                yield return piece;
            }
        }
    }

    /// <inheritdoc/>
    public override SseItem<byte[]> Fail(ApiException error)
    {
        if (!settings.IsAsync)
        {
            return Failure(error);
        }

        var told = new ResponseError(error.Details.Code ?? "server_error", error.Message);
        _response = _response with { Status = BackgroundStatus.Failed, Progress = null, Error = told };
        return Event(_writer.State(BackgroundStatus.Failed, id, told));
    }

    /// <inheritdoc/>
    public override SseItem<byte[]> Cancel()
    {
        _response = _response with { Status = BackgroundStatus.Cancelled, Progress = null };
        return Event(_writer.State(BackgroundStatus.Cancelled, id));
    }

    private static SseItem<byte[]> Event(ImageEvent piece) => EventStream.Event(piece, ApiJson.Default.ImageEvent, piece.Type);

    private ImageResponse Finished(Reply reply) => _response with
    {
        Status = settings.IsAsync ? BackgroundStatus.Completed : null,
        Progress = null,
        OutputFormat = settings.Format.Name,
        Size = ImageEventWriter.Size(reply.Images[0].Image),
        GeneratedSize = ImageEventWriter.GeneratedSize(reply.Images[0]),
        Usage = ImageEventWriter.Usage(reply),
    };
}
