using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Server.Http;

namespace NexusGen.Server.Pictures;

/// <summary>Pictures that a request brings, within this server's bounds.</summary>
internal sealed class PictureReader(IOptions<NexusGenServerOptions> options, PictureFetcher fetcher)
{
    /// <summary>Reads a picture.</summary>
    /// <param name="address">A data URL, or an address on an allowed machine.</param>
    /// <param name="field">The request's field, for messages.</param>
    /// <param name="cancellationToken">Ends fetching.</param>
    /// <exception cref="ApiException">It is no picture, too large, or not allowed.</exception>
    public async Task<RgbImage> ReadAsync(string? address, string field, CancellationToken cancellationToken)
    {
        if (address is null)
        {
            throw ApiException.BadRequest($"{field} has no address of a picture.", field);
        }

        return address.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            ? Decode(Bytes(address, field), field)
            : Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
                ? Decode(await fetcher.FetchAsync(uri, cancellationToken).ConfigureAwait(false), field)
                : throw ApiException.BadRequest($"{field} is neither a data URL nor an address.", field, "invalid_image_url");
    }

    /// <summary>Reads a picture from the bytes of its file.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="field">The request's field, for messages.</param>
    /// <exception cref="ApiException">It is no picture, or too large.</exception>
    public RgbImage Decode(byte[] data, string field)
    {
        try
        {
            return ImageFile.Read(data, options.Value.MaxPicturePixels);
        }
        catch (ImagingException e)
        {
            throw ApiException.BadRequest($"{field}: {e.Message}", field, "invalid_image");
        }
    }

    private static byte[] Bytes(string address, string field)
    {
        int comma = address.IndexOf(',');
        string head = comma < 0 ? address : address[..comma];
        try
        {
            return comma > 0 && head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase)
                ? Convert.FromBase64String(address[(comma + 1)..])
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw ApiException.BadRequest($"{field} is no data URL in base64.", field, "invalid_image_url");
        }
    }
}
