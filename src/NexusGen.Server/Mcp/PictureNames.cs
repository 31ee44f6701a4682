using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Requests;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Mcp;

/// <summary>Pictures by the names that tools use for them.</summary>
internal sealed class PictureNames(PictureStore store, PictureReader reader, Limits limits, IOptions<NexusGenServerOptions> options)
{
    private const string Prefix = "picture_";
    private const string Field = "picture";

    /// <summary>Keeps a picture and names it.</summary>
    public string Keep(byte[] data, string client)
    {
        string name = ShortTermStore<object>.NewId(Prefix);
        store.Add(name, client, new PictureData(data, PictureFormat.Png.MediaType), data.Length);
        return name;
    }

    /// <summary>The pixels of pictures. To be called within the call's place.</summary>
    /// <param name="names">Names from earlier calls, addresses, or paths of files in an allowed folder.</param>
    /// <param name="client">Whose call it is.</param>
    /// <param name="cancellationToken">Ends fetching.</param>
    /// <exception cref="ApiException">There is none, it may not be read, or they are too large together.</exception>
    public Task<IReadOnlyList<RgbImage>> ReadAsync(IEnumerable<string> names, string client, CancellationToken cancellationToken)
    {
        var pictures = new RequestImages(reader, limits, Field);
        foreach (string name in names)
        {
            Add(pictures, name, client);
        }

        return pictures.DecodeAsync(cancellationToken);
    }

    private void Add(RequestImages pictures, string name, string client)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw ApiException.BadRequest("The picture has no name: give the one from an earlier call (picture_…), a data URL, or the path of a file in an allowed folder.");
        }

        if (name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            PictureData kept = store.Find(name, client) ?? throw ApiException.NotFound($"There is no {name}, or it is not kept any more: draw it again.");
            pictures.Add(_ => Task.FromResult(kept.Data), Field);
        }
        else if (name.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || name.Contains("://", StringComparison.Ordinal))
        {
            pictures.Add(name, Field);
        }
        else
        {
            string path = AllowedFolders.Find(name, options.Value.Folders)
                ?? throw ApiException.BadRequest("There is no such picture in a folder that this server may read; its folder must be given to the server (--folder).");
            pictures.Add(cancellation => BytesAsync(path, cancellation), Field);
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
            // Without the system's own words: the path is the caller's, what lies on the way to it is not.
            throw ApiException.BadRequest("That is no file that this server can read.");
        }
    }
}
