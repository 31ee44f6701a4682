using Microsoft.Extensions.Options;
using NexusGen.Extensions.AI;
using NexusGen.Imaging;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Mcp;

/// <summary>Pictures by the names that tools use for them.</summary>
internal sealed class PictureNames(PictureStore store, PictureReader reader, IOptions<NexusGenServerOptions> options)
{
    private const string Prefix = "picture_";

    /// <summary>Keeps a picture and names it.</summary>
    public string Keep(byte[] data, string client)
    {
        string name = ShortTermStore<object>.NewId(Prefix);
        store.Add(name, client, new PictureData(data, PictureFormat.Png.MediaType), data.Length);
        return name;
    }

    /// <summary>A picture.</summary>
    /// <param name="name">A name from an earlier call, an address, or the path of a file in an allowed folder.</param>
    /// <param name="client">Whose call it is.</param>
    /// <param name="cancellationToken">Ends fetching.</param>
    /// <exception cref="ApiException">There is none, or it may not be read.</exception>
    public async Task<RgbImage> ReadAsync(string name, string client, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw ApiException.BadRequest("The picture has no name: give the one from an earlier call (picture_…), a data URL, or the path of a file in an allowed folder.");
        }

        if (name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            PictureData kept = store.Find(name, client) ?? throw ApiException.NotFound($"There is no {name}, or it is not kept any more: draw it again.");
            return reader.Decode(kept.Data, "picture");
        }

        if (name.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || name.Contains("://", StringComparison.Ordinal))
        {
            return await reader.ReadAsync(name, "picture", cancellationToken).ConfigureAwait(false);
        }

        string path = AllowedFolders.Find(name, options.Value.Folders)
            ?? throw ApiException.BadRequest("There is no such picture in a folder that this server may read; its folder must be given to the server (--folder).");
        try
        {
            return reader.Decode(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), "picture");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the system's own words: the path is the caller's, what lies on the way to it is not.
            throw ApiException.BadRequest("That is no file that this server can read.");
        }
    }
}
