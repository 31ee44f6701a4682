using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Studio;

/// <summary>The gallery over HTTP: /studio/api/pictures and /studio/api/search.</summary>
internal sealed class StudioImages(
    Gallery gallery,
    GalleryKeeper keeper,
    ConversationStore conversations,
    ImageReader reader,
    Limits limits,
    ApiKeys keys,
    IOptions<NexusGenServerOptions> options)
{
    private const int MaxNameLength = 200;

    // A header, because servers write addresses to their logs.
    private const string NameHeader = "X-Picture-Name";
    private const int PageLength = 48;
    private const int MaxPageLength = 200;
    private const int MaxWords = 8;

    // Of one image. More would be no help to who looks at them.
    private const int MaxFamily = 500;

    // A larger image is of no use to the model, which reads a quarter of a million pixels.
    private const int MaxSide = 2048;

    // One decoder uses two threads.
    private const int MaxDecoding = 2;

    /// <summary>
    /// Gets the queue for decoding images that users bring. They don't wait for requests that generate images, which take
    /// minutes, but their number is limited too.
    /// </summary>
    public WorkQueue Decoding { get; } = new(
        Math.Min(MaxDecoding, options.Value.MaxRunning), options.Value.QueueLength, options.Value.QueuePerClient);

    /// <summary>Sends a page of the gallery.</summary>
    public async Task SearchAsync(HttpContext context)
    {
        GallerySearch search = await JsonBody.ReadAsync(context, StudioJson.Default.GallerySearch).ConfigureAwait(false);
        limits.TextLength(search.Words?.Length ?? 0, "words");
        if (search.Kind is not (null or "drawn" or "edited" or "brought"))
        {
            throw ApiException.BadRequest("kind must be drawn, edited or brought.", "kind");
        }

        int count = Limits.InRange(search.Limit, 1, MaxPageLength, "limit") ?? PageLength;
        string[] words = (search.Words ?? "").Split(
            (char[]?)null, MaxWords, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<GalleryPicture> found = gallery.Search(
            Owner(context), words, search.Before, count + 1, search.Kind, search.Favorite == true);
        var page = new GalleryPage([.. found.Take(count)], found.Count > count);
        await JsonText.SendAsync(
            context, page, StudioJson.Default.GalleryPage, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends the description of an image.</summary>
    public Task GetAsync(HttpContext context, string id) => SendAsync(context, Find(context, id));

    /// <summary>
    /// Sends the images that are connected with an image: what it was made from, what was made from it, and so on. Images that
    /// answer one turn are connected too, also if they were not made from an image.
    /// </summary>
    public Task FamilyAsync(HttpContext context, string id)
    {
        string owner = Owner(context);
        IReadOnlyList<GalleryPicture> family = gallery.Family(owner, [Find(context, id).Id], MaxFamily);
        if (family is [{ Source: null, Kind: "drawn" } first, ..]
            && conversations.PicturesBeside(owner, first) is { Count: > 1 } beside)
        {
            family = gallery.Family(owner, [id, .. beside], MaxFamily);
        }

        return JsonText.SendAsync(
            context,
            new GalleryFamily(family, family.Count >= MaxFamily),
            StudioJson.Default.GalleryFamily,
            context.RequestAborted);
    }

    /// <summary>Adds an image that the user brings. The body of the request is its file.</summary>
    public async Task AddAsync(HttpContext context)
    {
        // This content type also keeps forms of other pages out: a browser sends it for them only after a preflight request.
        if (context.Request.ContentType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                "The body must be a picture, with a Content-Type like image/png.",
                "invalid_request_error");
        }

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        byte[] data = bytes.ToArray();
        using IDisposable slot =
            await Decoding.EnterAsync(ApiKeyGuard.ClientOf(context), context.RequestAborted).ConfigureAwait(false);
        RgbImage decoded = reader.Decode(data, "The picture");
        RgbImage image = GalleryKeeper.Bounded(decoded, MaxSide);
        var format = ImageFileFormat.Parse(data is [0xFF, 0xD8, ..] ? "jpeg" : "png", "format");
        string name = Uri.UnescapeDataString(context.Request.Headers[NameHeader].ToString());
        var picture = new GalleryPicture
        {
            Id = ShortTermStore<object>.NewId(""),
            Kind = "brought",
            Prompt = name.Length <= MaxNameLength ? name : name[..MaxNameLength],
            Width = image.Width,
            Height = image.Height,
        };
        var file = new EncodedImage(format.Encode(image), format.MediaType);
        GalleryPicture added = keeper.Add(Owner(context), picture, file, image);
        var origin = FileOrigin.Read(data, decoded, options.Value, () => limits.Loras);
        await SendAsync(context, added with { Origin = origin }).ConfigureAwait(false);
    }

    /// <summary>Sends the file of an image.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">The id of the image.</param>
    /// <param name="thumbnail">true for the thumbnail.</param>
    /// <param name="download">true for a file that the browser saves.</param>
    /// <param name="parameters">Whether the file contains how the image was generated.</param>
    public async Task SendAsync(
        HttpContext context, string id, bool thumbnail, bool download = false, bool parameters = true)
    {
        EncodedImage file = gallery.File(Owner(context), id, thumbnail) ?? throw GalleryKeeper.Missing();
        file = parameters ? file : file.WithoutParameters();
        context.Response.ContentType = file.MediaType;
        context.Response.ContentLength = file.Data.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        if (download)
        {
            // The file name contains no text of the user, which could change its meaning.
            string extension = file.MediaType == "image/jpeg" ? "jpg" : "png";
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"nexusgen-{id}.{extension}\"";
        }

        await context.Response.Body.WriteAsync(file.Data, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Deletes an image.</summary>
    public Task DeleteAsync(HttpContext context, string id)
    {
        try
        {
            if (!gallery.Delete(Owner(context), id))
            {
                throw GalleryKeeper.Missing();
            }

            conversations.ForgetPictures(Owner(context), [id]);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        catch (GalleryException e)
        {
            throw keeper.Unwritable(e);
        }
    }

    private static Task SendAsync(HttpContext context, GalleryPicture picture) => JsonText.SendAsync(
        context, picture, StudioJson.Default.GalleryPicture, context.RequestAborted);

    private GalleryPicture Find(HttpContext context, string id) =>
        gallery.Find(Owner(context), id) ?? throw GalleryKeeper.Missing();

    // Each key has its gallery. Without keys there is only one.
    private string Owner(HttpContext context) => keys.FingerprintOf(ApiKeyGuard.ClientOf(context));
}
