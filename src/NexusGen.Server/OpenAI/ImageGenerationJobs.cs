using System.Text.Json;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Restores images that an earlier server left unfinished.</summary>
internal sealed class ImageGenerationJobs(ImageReader reader, Limits limits, ModelGateway gateway) : IBackgroundKind
{
    /// <inheritdoc/>
    public string Kind => ImageGenerationJob.Name;

    /// <inheritdoc/>
    public BackgroundJob Restore(byte[] saved)
    {
        SavedImages request = JsonSerializer.Deserialize(saved, ApiJson.Default.SavedImages)!;
        RequestImages? images = null;
        if (request.Source is { } source)
        {
            images = new RequestImages(reader, limits, "image");
            images.Add(_ => Task.FromResult(source), "image");
        }

        var settings = ImageGenerationSettings.Read(request.Request, images is not null, limits, gateway);
        return new ImageGenerationJob(request.Id, request.Created, settings, images, limits) { Source = request.Source };
    }
}
