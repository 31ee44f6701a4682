using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Pictures;

/// <summary>Pictures that a request brings, within this server's bounds.</summary>
internal sealed class PictureReader(IOptions<NexusGenServerOptions> options, PictureFetcher fetcher)
{
    /// <summary>Whether an address names a picture that lies elsewhere.</summary>
    /// <param name="address">The address.</param>
    /// <param name="field">The request's field, for messages.</param>
    /// <exception cref="ApiException">It is none, or leads where nothing is fetched from.</exception>
    public bool IsElsewhere([NotNull] string? address, string field)
    {
        if (address is null)
        {
            throw ApiException.BadRequest($"{field} has no address of a picture.", field);
        }

        if (address.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        fetcher.Check(Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            ? uri
            : throw ApiException.BadRequest($"{field} is neither a data URL nor an address.", field, "invalid_image_url"));
        return true;
    }

    /// <summary>A picture's file.</summary>
    /// <param name="address">A data URL, or an address on an allowed machine.</param>
    /// <param name="field">The request's field, for messages.</param>
    /// <param name="cancellationToken">Ends fetching.</param>
    /// <exception cref="ApiException">There is none, or it is not allowed.</exception>
    public async Task<byte[]> BytesAsync(string address, string field, CancellationToken cancellationToken) => IsElsewhere(address, field)
        ? await fetcher.FetchAsync(new Uri(address), cancellationToken).ConfigureAwait(false)
        : Bytes(address, field);

    /// <summary>How many pixels a picture has, before any is decoded.</summary>
    /// <param name="data">The bytes of its file.</param>
    /// <param name="field">The request's field, for messages.</param>
    /// <exception cref="ApiException">It is no picture, or too large.</exception>
    public long Pixels(byte[] data, string field)
    {
        try
        {
            (int width, int height) = ImageFile.ReadSize(data, options.Value.MaxPicturePixels);
            return (long)width * height;
        }
        catch (ImagingException e)
        {
            throw Refused(e, field);
        }
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
            throw Refused(e, field);
        }
    }

    private static ApiException Refused(ImagingException e, string field) => ApiException.BadRequest($"{field}: {e.Message}", field, "invalid_image");

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
