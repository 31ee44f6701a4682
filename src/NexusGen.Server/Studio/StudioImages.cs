using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Studio;

/// <summary>The gallery over HTTP: /studio/api/pictures and /studio/api/search.</summary>
internal sealed partial class StudioImages(
    Gallery gallery,
    ImageReader reader,
    Limits limits,
    ApiKeys keys,
    IOptions<NexusGenServerOptions> options,
    ILogger<StudioImages> logger)
{
    private const int ThumbnailSide = 320;
    private const int ThumbnailQuality = 85;
    private const int MaxNameLength = 200;

    // A header, because servers write addresses to their logs.
    private const string NameHeader = "X-Picture-Name";
    private const int PageLength = 48;
    private const int MaxPageLength = 200;
    private const int MaxWords = 8;

    // A larger image is of no use to the model, which reads a quarter of a million pixels.
    private const int MaxSide = 2048;

    // One decoder uses two threads.
    private const int MaxDecoding = 2;

    // Whether the last image could not be kept: the reason is logged once, until an image is kept again.
    private int _failing;

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
        int count = Limits.InRange(search.Limit, 1, MaxPageLength, "limit") ?? PageLength;
        string[] words = (search.Words ?? "").Split(
            (char[]?)null, MaxWords, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<GalleryPicture> found = gallery.Search(Owner(context), words, search.Before, count + 1);
        var page = new GalleryPage([.. found.Take(count)], found.Count > count);
        await JsonText.SendAsync(
            context, page, StudioJson.Default.GalleryPage, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends the description of an image.</summary>
    public Task GetAsync(HttpContext context, string id) => SendAsync(context, Find(context, id));

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
        RgbImage image = Bounded(reader.Decode(data, "The picture"), MaxSide);
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
        await SendAsync(context, Add(context, picture, file, Thumbnail(image))).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds an image that the model generated. If it can't be kept, for example because the disk is full, its file is returned
    /// too: the image took minutes, and must reach its user.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="image">The image.</param>
    /// <param name="prompt">The description or instruction.</param>
    /// <param name="source">The id of the edited image, or null for none.</param>
    /// <param name="start">The time when its generation started (<see cref="Stopwatch"/>).</param>
    /// <returns>The description of the image, and its file if it is not kept.</returns>
    public (GalleryPicture Picture, EncodedImage? Unkept) Keep(
        HttpContext context, OutputImage image, string prompt, string? source, long start)
    {
        ImageSettings settings = image.Settings;
        bool edited = image.Decoder == DecoderChoice.Editing;
        var picture = new GalleryPicture
        {
            Id = ShortTermStore<object>.NewId(""),
            Kind = edited ? "edited" : "drawn",
            Prompt = prompt,
            Source = edited ? source : null,
            Width = image.Image.Width,
            Height = image.Image.Height,
            Seed = (long?)settings.Seed,
            Steps = settings.Steps,
            CfgScale = settings.CfgScale,
            EmbeddedGuidance = settings.EmbeddedGuidance,
            NegativePrompt = settings.NegativePrompt.Length == 0 ? null : settings.NegativePrompt,
            Model = limits.ModelId,
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
        };
        var options = new ImageWriteOptions { Parameters = Parameters(picture) };
        var file = new EncodedImage(
            ImageFile.Encode(image.Image, ImageFormat.Png, options), ImageFileFormat.Png.MediaType);
        try
        {
            return (Add(context, picture, file, Thumbnail(image.Image)), null);
        }
        catch (ApiException)
        {
            return (picture, file);
        }
    }

    /// <summary>Sends the file of an image.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">The id of the image.</param>
    /// <param name="thumbnail">true for the thumbnail.</param>
    /// <param name="download">true for a file that the browser saves.</param>
    public async Task SendAsync(HttpContext context, string id, bool thumbnail, bool download = false)
    {
        EncodedImage file = gallery.File(Owner(context), id, thumbnail) ?? throw Missing();
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
            context.Response.StatusCode = gallery.Delete(Owner(context), id) ? StatusCodes.Status204NoContent : throw Missing();
            return Task.CompletedTask;
        }
        catch (GalleryException e)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>Returns whether an image exists.</summary>
    public bool Has(HttpContext context, string id) => gallery.Find(Owner(context), id) is not null;

    /// <summary>Returns the file of an image.</summary>
    /// <exception cref="ApiException">The image doesn't exist.</exception>
    public byte[] File(HttpContext context, string id) => (gallery.File(Owner(context), id) ?? throw Missing()).Data;

    /// <summary>Creates the error of an image that doesn't exist.</summary>
    public static ApiException Missing() => ApiException.NotFound("There is no such picture in the gallery.");

    private static Task SendAsync(HttpContext context, GalleryPicture picture) => JsonText.SendAsync(
        context, picture, StudioJson.Default.GalleryPicture, context.RequestAborted);

    private GalleryPicture Add(HttpContext context, GalleryPicture picture, EncodedImage file, byte[] thumbnail)
    {
        try
        {
            GalleryPicture added = gallery.Add(Owner(context), picture, file, thumbnail);
            Volatile.Write(ref _failing, 0);
            return added;
        }
        catch (GalleryException e)
        {
            throw Unwritable(e);
        }
    }

    // The client receives the kind of the failure, without the path, which is only logged.
    private ApiException Unwritable(GalleryException e)
    {
        if (Interlocked.Exchange(ref _failing, 1) == 0)
        {
            NotKept(logger, e.Message);
        }

        return new ApiException(
            StatusCodes.Status507InsufficientStorage,
            "The gallery can't be changed: its disk is full or can't be written. The server's log says more.",
            "server_error",
            code: "gallery_not_writable");
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Reason} Generated pictures still reach the studio, but are not kept; this is logged once.")]
    private static partial void NotKept(ILogger logger, string reason);

    private GalleryPicture Find(HttpContext context, string id) => gallery.Find(Owner(context), id) ?? throw Missing();

    // Each key has its gallery. Without keys there is only one.
    private string Owner(HttpContext context) => keys.FingerprintOf(ApiKeyGuard.ClientOf(context));

    private static RgbImage Bounded(RgbImage image, int side)
    {
        double scale = Math.Min(1, (double)side / Math.Max(image.Width, image.Height));
        int Scaled(int length) => Math.Max(1, (int)Math.Round(length * scale));
        return scale == 1
            ? image
            : Resampler.ResizeWithAlpha(image, Scaled(image.Width), Scaled(image.Height), ResampleFilter.Bicubic);
    }

    private static byte[] Thumbnail(RgbImage image) => ImageFile.Encode(
        Bounded(image.OverWhite(), ThumbnailSide), ImageFormat.WebP, new ImageWriteOptions { Quality = ThumbnailQuality });

    private static Dictionary<string, string> Parameters(GalleryPicture picture)
    {
        static string? Write(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
        (string Key, string? Value)[] all =
        [
            (picture.Kind == "edited" ? "instruction" : "prompt", Clean(picture.Prompt)),
            ("negative_prompt", Clean(picture.NegativePrompt)),
            ("seed", Write(picture.Seed)),
            ("steps", Write(picture.Steps)),
            ("cfg_scale", Write(picture.CfgScale)),
            ("embedded_guidance", Write(picture.EmbeddedGuidance)),
            ("model", picture.Model),
        ];
        return all.Where(pair => !string.IsNullOrEmpty(pair.Value)).ToDictionary(pair => pair.Key, pair => pair.Value!);
    }

    // A NUL ends a text in a PNG file.
    private static string? Clean(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);
}
