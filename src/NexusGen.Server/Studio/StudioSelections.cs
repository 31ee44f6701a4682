using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Security;

namespace NexusGen.Server.Studio;

/// <summary>Several images of the gallery at once, over HTTP: sent as one archive, deleted, made favorites.</summary>
internal sealed class StudioSelections(Gallery gallery, ConversationStore conversations, ApiKeys keys)
{
    private const int MaxPictures = 1000;
    private const int PieceLength = 1 << 16;
    private const string ArchiveName = "nexusgen-pictures.zip";

    // Times before this one can't be stored in an archive.
    private static readonly DateTimeOffset FirstTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Sends images as a ZIP archive. One image at a time is in memory.</summary>
    public async Task PackAsync(HttpContext context)
    {
        GalleryDownload request =
            await JsonBody.ReadAsync(context, StudioJson.Default.GalleryDownload).ConfigureAwait(false);
        string owner = Owner(context);
        GalleryPicture[] pictures =
            [.. Ids(request).Select(id => gallery.Find(owner, id) ?? throw GalleryKeeper.Missing())];
        CancellationToken cancellation = context.RequestAborted;
        context.Response.ContentType = "application/zip";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{ArchiveName}\"";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        PipeWriter body = context.Response.BodyWriter;
        var archive = new ZipArchive(new BufferedBody(body), ZipArchiveMode.Create);
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (GalleryPicture picture in pictures)
        {
            // An image can be deleted while those before it are sent.
            if (gallery.File(owner, picture.Id) is { } file)
            {
                file = request.Parameters == false ? file.WithoutParameters() : file;
                await AddAsync(archive, picture, file, names, body, cancellation).ConfigureAwait(false);
            }
        }

        // Only here and not after an error: this writes the directory, which makes the archive complete.
        archive.Dispose();
        await body.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Deletes images. Those that don't exist any more are omitted.</summary>
    public async Task DeleteAsync(HttpContext context)
    {
        GallerySelection request =
            await JsonBody.ReadAsync(context, StudioJson.Default.GallerySelection).ConfigureAwait(false);
        string owner = Owner(context);
        List<string> deleted = [];
        try
        {
            // One after the other: on a full disk there is room to delete one large image, and others can use the gallery.
            foreach (string id in Ids(request))
            {
                context.RequestAborted.ThrowIfCancellationRequested();
                if (gallery.Delete(owner, id))
                {
                    deleted.Add(id);
                }
            }
        }
        finally
        {
            if (deleted.Count > 0)
            {
                conversations.ForgetPictures(owner, deleted);
            }
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Makes images favorites, or no longer.</summary>
    public async Task FavorAsync(HttpContext context)
    {
        GalleryFavorites request =
            await JsonBody.ReadAsync(context, StudioJson.Default.GalleryFavorites).ConfigureAwait(false);
        if (gallery.SetFavorite(Owner(context), Ids(request), request.Favorite != false) == 0)
        {
            throw GalleryKeeper.Missing();
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task AddAsync(
        ZipArchive archive,
        GalleryPicture picture,
        EncodedImage file,
        HashSet<string> names,
        PipeWriter body,
        CancellationToken cancellation)
    {
        // Compressed though it saves nothing: an entry whose length follows its content can't be read by every program
        // otherwise.
        ZipArchiveEntry entry =
            archive.CreateEntry(PictureFileName.Of(picture, file.MediaType, names), CompressionLevel.Fastest);
        var created = DateTimeOffset.FromUnixTimeSeconds(picture.Created);
        entry.LastWriteTime = created > FirstTime ? created : FirstTime;
        using Stream content = entry.Open();
        foreach (byte[] piece in file.Data.Chunk(PieceLength))
        {
            content.Write(piece);
            await body.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static string[] Ids(GallerySelection request)
    {
        string[] ids = [.. (request.Pictures ?? []).OfType<string>().Distinct(StringComparer.Ordinal)];
        return ids.Length switch
        {
            0 => throw ApiException.BadRequest("pictures names no picture.", "pictures"),
            > MaxPictures => throw ApiException.BadRequest(
                $"pictures names more than {MaxPictures:N0} pictures, the most that are taken.", "pictures"),
            _ => ids,
        };
    }

    private string Owner(HttpContext context) => keys.FingerprintOf(ApiKeyGuard.ClientOf(context));
}
