using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Images;

namespace NexusGen.Server.OpenAI;

/// <summary>Writes the updates of a reply as events of the Images API.</summary>
/// <param name="kind"><c>image_generation</c> or <c>image_edit</c>.</param>
/// <param name="format">The format of the images.</param>
/// <param name="maxPartial">The maximum number of partial images.</param>
internal sealed class ImageEventWriter(string kind, ImageFileFormat format, int maxPartial)
{
    private ImageEvent? _last;
    private int _partial;

    /// <summary>Returns the event of an update, or null if there is none.</summary>
    public ImageEvent? Next(ReplyUpdate update)
    {
        switch (update)
        {
            case ReplyUpdate.Preview preview when _partial < maxPartial:
                return Event("partial_image", preview.Image) with { PartialImageIndex = _partial++ };
            case ReplyUpdate.ImageFinished { Image: var image }:
                // Sent one update later, because the last image has the number of tokens.
                ImageEvent? previous = _last;
                _last = Event("completed", image.Image) with
                {
                    Seed = image.Settings.Seed,
                    GeneratedSize = GeneratedSize(image),
                };
                return previous;
            case ReplyUpdate.Finished { Reply: var reply } when _last is not null:
                return _last with { Usage = Usage(reply) };
            default:
                return null;
        }
    }

    /// <summary>Writes the size of an image.</summary>
    public static string Size(RgbImage image) => $"{image.Width}x{image.Height}";

    /// <summary>Writes the size that the model generated, or returns null if the image was not resized.</summary>
    public static string? GeneratedSize(OutputImage image) =>
        image is { IsResized: true, GeneratedSize: var (width, height) } ? $"{width}x{height}" : null;

    /// <summary>Returns the number of tokens of a reply.</summary>
    public static ImageUsage Usage(Reply reply) => new(
        reply.PromptTokenCount,
        reply.TokenIds.Count,
        reply.PromptTokenCount + reply.TokenIds.Count,
        new ImageTokenDetails(reply.PromptTokenCount, 0));

    /// <summary>Returns an event of images of the background.</summary>
    /// <param name="what">The new state.</param>
    /// <param name="id">The id.</param>
    /// <param name="error">The error of images that failed.</param>
    public ImageEvent State(string what, string id, ResponseError? error = null) =>
        new($"{kind}.{what}", Now()) { Id = id, Error = error };

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private ImageEvent Event(string what, RgbImage image) => new($"{kind}.{what}", Now())
    {
        B64Json = Convert.ToBase64String(format.Encode(image)),
        Size = Size(image),
        OutputFormat = format.Name,
        Quality = "auto",
        Background = "opaque",
    };
}
