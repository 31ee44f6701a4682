using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Images;

/// <summary>Reads the images that requests bring, within the limits of the server.</summary>
internal sealed class ImageReader(IOptions<NexusGenServerOptions> options, ImageFetcher fetcher)
{
    /// <summary>Returns whether an address is a remote one, not a data URL.</summary>
    /// <param name="address">The address.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">The address is missing, invalid or not allowed.</exception>
    public bool IsRemote([NotNull] string? address, string field)
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

    /// <summary>Reads the file of an image.</summary>
    /// <param name="address">A data URL, or an address on an allowed host.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <param name="cancellationToken">Cancels fetching.</param>
    /// <exception cref="ApiException">The file can't be read, or the address is not allowed.</exception>
    public async Task<byte[]> BytesAsync(string address, string field, CancellationToken cancellationToken) =>
        IsRemote(address, field)
            ? await fetcher.FetchAsync(new Uri(address), cancellationToken).ConfigureAwait(false)
            : Bytes(address, field);

    /// <summary>Reads the number of pixels of an image from its header, without decoding any.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">The file is not an image, or the image is too large.</exception>
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

    /// <summary>Decodes an image.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">The file is not an image, or the image is too large.</exception>
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

    private static ApiException Refused(ImagingException e, string field) =>
        ApiException.BadRequest($"{field}: {e.Message}", field, "invalid_image");

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
