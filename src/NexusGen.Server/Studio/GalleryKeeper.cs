using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Studio;

/// <summary>Adds images to the gallery with what is known of them, and reads them again.</summary>
internal sealed partial class GalleryKeeper(Gallery gallery, Limits limits, ILogger<GalleryKeeper> logger)
{
    private const int ThumbnailSide = 320;
    private const int ThumbnailQuality = 85;

    // Whether the last image could not be kept: the reason is logged once, until an image is kept again.
    private int _failing;

    /// <summary>Returns whether an image exists.</summary>
    public bool Has(string owner, string id) => gallery.Find(owner, id) is not null;

    /// <summary>Returns the file of an image.</summary>
    /// <exception cref="ApiException">The image doesn't exist.</exception>
    public byte[] File(string owner, string id) => (gallery.File(owner, id) ?? throw Missing()).Data;

    /// <summary>Creates the error of an image that doesn't exist.</summary>
    public static ApiException Missing() =>
        ApiException.NotFound("There is no such picture in the gallery.", code: "picture_not_found");

    /// <summary>Returns an image whose sides are at most of a length.</summary>
    public static RgbImage Bounded(RgbImage image, int side)
    {
        double scale = Math.Min(1, (double)side / Math.Max(image.Width, image.Height));
        int Scaled(int length) => Math.Max(1, (int)Math.Round(length * scale));
        return scale == 1
            ? image
            : Resampler.ResizeWithAlpha(image, Scaled(image.Width), Scaled(image.Height), ResampleFilter.Bicubic);
    }

    /// <summary>
    /// Adds an image that the model generated. If it can't be kept, for example because the disk is full, its file is returned
    /// too: the image took minutes, and must reach its user.
    /// </summary>
    /// <param name="owner">The owner.</param>
    /// <param name="image">The image.</param>
    /// <param name="turn">The turn that it answers.</param>
    /// <param name="start">The time when its generation started (<see cref="Stopwatch"/>).</param>
    /// <returns>The description of the image, and its file if it is not kept.</returns>
    public (GalleryPicture Picture, EncodedImage? Unkept) Keep(
        string owner, OutputImage image, StudioTurn turn, long start)
    {
        ImageSettings settings = image.Settings;
        bool edited = image.Decoder == DecoderChoice.Editing;
        var picture = new GalleryPicture
        {
            Id = ShortTermStore<object>.NewId(""),
            Kind = edited ? "edited" : "drawn",
            Prompt = turn.Text,
            Source = edited ? turn.Pictures.LastOrDefault() : null,
            Width = image.Image.Width,
            Height = image.Image.Height,
            Seed = (long?)settings.Seed,
            Steps = settings.Steps,
            CfgScale = settings.CfgScale,
            EmbeddedGuidance = settings.EmbeddedGuidance,
            NegativePrompt = settings.NegativePrompt.Length == 0 ? null : settings.NegativePrompt,
            Loras = turn.Loras,
            Model = limits.ModelId,
            Seconds = Math.Round(Stopwatch.GetElapsedTime(start).TotalSeconds, 2),
        };
        var options = new ImageWriteOptions { Parameters = Parameters(picture) };
        var file = new EncodedImage(
            ImageFile.Encode(image.Image, ImageFormat.Png, options), ImageFileFormat.Png.MediaType);
        try
        {
            return (Add(owner, picture, file, image.Image), null);
        }
        catch (ApiException)
        {
            return (picture, file);
        }
    }

    /// <summary>Adds an image.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="picture">The description of the image.</param>
    /// <param name="file">Its file.</param>
    /// <param name="image">The image, for its thumbnail.</param>
    /// <exception cref="ApiException">The gallery can't be changed.</exception>
    public GalleryPicture Add(string owner, GalleryPicture picture, EncodedImage file, RgbImage image)
    {
        try
        {
            GalleryPicture added = gallery.Add(owner, picture, file, Thumbnail(image));
            Volatile.Write(ref _failing, 0);
            return added;
        }
        catch (GalleryException e)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>
    /// Creates the error of a gallery that can't be changed. The client receives the kind of the failure, without the path, which
    /// is only logged.
    /// </summary>
    public ApiException Unwritable(GalleryException e)
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
            ("lora", Clean(string.Join(", ", picture.Loras ?? []))),
            ("model", picture.Model),
        ];
        return all.Where(pair => !string.IsNullOrEmpty(pair.Value)).ToDictionary(pair => pair.Key, pair => pair.Value!);
    }

    // A NUL ends a text in a PNG file.
    private static string? Clean(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);
}
