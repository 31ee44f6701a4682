using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;
using NexusGen.Server.Security;

namespace NexusGen.Server.Studio;

/// <summary>The gallery over HTTP: /studio/api/pictures.</summary>
internal sealed class StudioPictures(Gallery gallery, PictureReader reader, Limits limits, ApiKeys keys, IOptions<NexusGenServerOptions> options)
{
    private const int ThumbnailSide = 320;
    private const int LongestName = 200;

    // No part of the address, which servers write into their logs.
    private const string NameHeader = "X-Picture-Name";
    private const int PageLength = 48;
    private const int MostWords = 8;

    // No more than this is of use to the model, which reads a quarter of a million pixels.
    private const int LongestSide = 2048;

    // One decoder works with two threads.
    private const int MostDecodings = 2;

    /// <summary>
    /// Who brings pictures waits here to have them decoded: not among those who draw, which takes minutes, but no less bounded.
    /// </summary>
    public WorkQueue Decoding { get; } = new(Math.Min(MostDecodings, options.Value.MaxRunning), options.Value.QueueLength, options.Value.QueuePerClient);

    /// <summary>A page of the gallery.</summary>
    public async Task SearchAsync(HttpContext context)
    {
        GallerySearch search = await JsonBody.ReadAsync(context, StudioJson.Default.GallerySearch).ConfigureAwait(false);
        limits.TextLength(search.Words?.Length ?? 0, "words");
        int count = Limits.InRange(search.Limit, 1, 200, "limit") ?? PageLength;
        string[] words = (search.Words ?? "").Split((char[]?)null, MostWords, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IReadOnlyList<GalleryPicture> found = gallery.Search(Owner(context), words, search.Before, count + 1);
        var page = new GalleryPage([.. found.Take(count)], found.Count > count);
        await context.Response.WriteAsJsonAsync(page, StudioJson.Default.GalleryPage, cancellationToken: context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>What is known of a picture.</summary>
    public Task GetAsync(HttpContext context, string id) =>
        context.Response.WriteAsJsonAsync(Find(context, id), StudioJson.Default.GalleryPicture, cancellationToken: context.RequestAborted);

    /// <summary>Keeps a picture that the user brings: the body is its file.</summary>
    public async Task AddAsync(HttpContext context)
    {
        // A type of its own keeps forms of other pages out: a browser asks before it sends such a body.
        if (context.Request.ContentType?.StartsWith("image/", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "The body must be a picture, with a Content-Type like image/png.", "invalid_request_error");
        }

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        byte[] data = bytes.ToArray();
        using IDisposable place = await Decoding.EnterAsync(ApiKeyGuard.ClientOf(context), context.RequestAborted).ConfigureAwait(false);
        RgbImage image = Bounded(reader.Decode(data, "The picture"), LongestSide);
        PictureFormat format = PictureFormat.Parse(data is [0xFF, 0xD8, ..] ? "jpeg" : "png", "format");
        string title = Uri.UnescapeDataString(context.Request.Headers[NameHeader].ToString());
        title = title.Length <= LongestName ? title : title[..LongestName];
        var picture = new GalleryPicture { Id = ShortTermStore<object>.NewId(""), Kind = "brought", Prompt = title, Width = image.Width, Height = image.Height };
        picture = gallery.Add(Owner(context), picture, new PictureData(format.Encode(image), format.MediaType), Thumbnail(image));
        await context.Response.WriteAsJsonAsync(picture, StudioJson.Default.GalleryPicture, cancellationToken: context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Keeps a picture that the model made.</summary>
    /// <param name="context">The request.</param>
    /// <param name="drawn">The picture.</param>
    /// <param name="prompt">What it was made from.</param>
    /// <param name="source">The picture that was changed; null for none.</param>
    /// <param name="start">When its making began (<see cref="Stopwatch"/>).</param>
    public GalleryPicture Keep(HttpContext context, OutputImage drawn, string prompt, string? source, long start)
    {
        ImageSettings settings = drawn.Settings;
        bool edited = drawn.Decoder == DecoderChoice.Editing;
        var picture = new GalleryPicture
        {
            Id = ShortTermStore<object>.NewId(""),
            Kind = edited ? "edited" : "drawn",
            Prompt = prompt,
            Source = edited ? source : null,
            Width = drawn.Image.Width,
            Height = drawn.Image.Height,
            Seed = (long?)settings.Seed,
            Steps = settings.Steps,
            CfgScale = settings.CfgScale,
            EmbeddedGuidance = settings.EmbeddedGuidance,
            NegativePrompt = settings.NegativePrompt.Length == 0 ? null : settings.NegativePrompt,
            Model = limits.ModelId,
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
        };
        byte[] file = ImageFile.Encode(drawn.Image, ImageFormat.Png, new ImageWriteOptions { Parameters = Parameters(picture) });
        return gallery.Add(Owner(context), picture, new PictureData(file, PictureFormat.Png.MediaType), Thumbnail(drawn.Image));
    }

    /// <summary>A picture's file: <c>?download=true</c> for a file to save.</summary>
    public async Task SendAsync(HttpContext context, string id, bool thumbnail, bool download = false)
    {
        PictureData file = gallery.File(Owner(context), id, thumbnail) ?? throw Missing();
        context.Response.ContentType = file.MediaType;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        if (download)
        {
            // The user's words are no part of the name, so nothing in them can make another of it.
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"nexusgen-{id}.{(file.MediaType == "image/jpeg" ? "jpg" : "png")}\"";
        }

        await context.Response.Body.WriteAsync(file.Data, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Deletes a picture.</summary>
    public Task DeleteAsync(HttpContext context, string id)
    {
        context.Response.StatusCode = gallery.Delete(Owner(context), id) ? StatusCodes.Status204NoContent : throw Missing();
        return Task.CompletedTask;
    }

    /// <summary>Whether there is such a picture.</summary>
    public bool Has(HttpContext context, string id) => gallery.Find(Owner(context), id) is not null;

    /// <summary>A picture's file.</summary>
    /// <exception cref="ApiException">There is no such picture.</exception>
    public byte[] File(HttpContext context, string id) => (gallery.File(Owner(context), id) ?? throw Missing()).Data;

    /// <summary>That a picture isn't there.</summary>
    public static ApiException Missing() => ApiException.NotFound("There is no such picture in the gallery.");

    private GalleryPicture Find(HttpContext context, string id) => gallery.Find(Owner(context), id) ?? throw Missing();

    // Those who share a key share a gallery; where no keys are asked for there is one.
    private string Owner(HttpContext context) => keys.FingerprintOf(ApiKeyGuard.ClientOf(context));

    private static RgbImage Bounded(RgbImage image, int side)
    {
        double scale = Math.Min(1, (double)side / Math.Max(image.Width, image.Height));
        return scale == 1 ? image : Resampler.Resize(
            image, Math.Max(1, (int)Math.Round(image.Width * scale)), Math.Max(1, (int)Math.Round(image.Height * scale)), ResampleFilter.Bicubic);
    }

    private static byte[] Thumbnail(RgbImage image) => ImageFile.Encode(Bounded(image, ThumbnailSide), ImageFormat.WebP, new ImageWriteOptions { Quality = 85 });

    private static Dictionary<string, string> Parameters(GalleryPicture picture)
    {
        static string? Write(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
        (string Key, string? Value)[] all =
        [
            (picture.Kind == "edited" ? "instruction" : "prompt", Clean(picture.Prompt)), ("negative_prompt", Clean(picture.NegativePrompt)), ("seed", Write(picture.Seed)),
            ("steps", Write(picture.Steps)), ("cfg_scale", Write(picture.CfgScale)), ("embedded_guidance", Write(picture.EmbeddedGuidance)), ("model", picture.Model),
        ];
        return all.Where(pair => !string.IsNullOrEmpty(pair.Value)).ToDictionary(pair => pair.Key, pair => pair.Value!);
    }

    // A NUL ends a text in a PNG.
    private static string? Clean(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);
}
