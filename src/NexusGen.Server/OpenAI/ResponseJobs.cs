using System.Text.Json;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Restores responses that an earlier server left unfinished.</summary>
internal sealed class ResponseJobs(ImageReader reader, Limits limits, ModelGateway gateway) : IBackgroundKind
{
    /// <inheritdoc/>
    public string Kind => ResponseJob.Name;

    /// <inheritdoc/>
    public BackgroundJob Restore(byte[] saved)
    {
        SavedResponse response = JsonSerializer.Deserialize(saved, ApiJson.Default.SavedResponse)!;
        var images = new RequestImages(reader, limits, "input");
        return new ResponseJob(
            response.Request,
            ResponseSettings.Read(response.Request, limits, gateway),
            response.Start,
            [.. response.Messages.Select(message => RequestMessage.Restore(message, images, "input"))],
            images,
            limits);
    }
}
