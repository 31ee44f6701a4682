using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Mcp;

/// <summary>Finds images by the names that tools use for them.</summary>
internal sealed class ImageNames(ImageStore store, ImageReader reader, Limits limits, IOptions<NexusGenServerOptions> options)
{
    private const string Prefix = "picture_";

    /// <summary>Keeps an image and returns its name.</summary>
    public string Keep(byte[] data, string client)
    {
        string name = ShortTermStore<object>.NewId(Prefix);
        store.Add(name, client, new EncodedImage(data, ImageFileFormat.Png.MediaType), data.Length);
        return name;
    }

    /// <summary>Reads images. The call must have its slot.</summary>
    /// <param name="pictures">
    /// The arguments of the call: names from earlier calls, addresses, or paths of files in an allowed folder.
    /// </param>
    /// <param name="client">The client of the call.</param>
    /// <param name="cancellationToken">Cancels fetching.</param>
    /// <exception cref="ApiException">
    /// An image doesn't exist or may not be read, or the images are too large together.
    /// </exception>
    public Task<IReadOnlyList<RgbImage>> ReadAsync(
        IReadOnlyList<(string Argument, string Name)> pictures, string client, CancellationToken cancellationToken)
    {
        var images = new RequestImages(reader, limits, string.Join(" and ", pictures.Select(picture => picture.Argument)));
        foreach ((string argument, string name) in pictures)
        {
            Add(images, argument, name, client);
        }

        return images.DecodeAsync(cancellationToken);
    }

    private void Add(RequestImages images, string argument, string name, string client)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw ApiException.BadRequest(
                $"{argument}: the picture has no name: give the one from an earlier call (picture_…), a data URL, "
                + "or the path of a file in an allowed folder.");
        }

        if (name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            EncodedImage kept = store.Find(name, client)
                ?? throw ApiException.NotFound($"There is no {name}, or it is not kept any more: draw it again.");
            images.Add(_ => Task.FromResult(kept.Data), argument);
        }
        else if (name.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || name.Contains("://", StringComparison.Ordinal))
        {
            images.Add(name, argument);
        }
        else
        {
            string path = AllowedFolders.Find(name, options.Value.Folders)
                ?? throw ApiException.BadRequest(
                    $"{argument}: there is no such picture in a folder that this server may read; "
                    + "its folder must be given to the server (--folder).");
            images.Add(cancellation => BytesAsync(path, cancellation), argument);
        }
    }

    private static async Task<byte[]> BytesAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the system's message, which could reveal folders that the caller doesn't know.
            throw ApiException.BadRequest("That is no file that this server can read.");
        }
    }
}
