using Microsoft.Extensions.Options;
using NexusGen.Imaging;
using NexusGen.Server.Configuration;
using NexusGen.Server.Http;

namespace NexusGen.Server.Images;

/// <summary>Reads the images that requests bring, within the limits of the server.</summary>
internal sealed class ImageReader(IOptions<NexusGenServerOptions> options, ImageFetcher fetcher, ImageStore store)
{
    /// <summary>Returns how the file that an address names is read.</summary>
    /// <param name="address">
    /// A data URL, the address of an image that this server keeps, or an address on an allowed host.
    /// </param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <returns>The read operation, and whether it fetches the file from another server.</returns>
    /// <exception cref="ApiException">The address is missing, invalid or not allowed.</exception>
    public (Func<CancellationToken, Task<byte[]>> Read, bool IsFetched) Open(string? address, string field)
    {
        if (address is null)
        {
            throw ApiException.BadRequest($"{field} has no address of a picture.", field);
        }

        if (DataUrl.Is(address))
        {
            return (_ => Task.FromResult(Bytes(address, field)), false);
        }

        string trimmed = address.Trim();
        bool isRelative = trimmed.StartsWith('/') && !trimmed.StartsWith("//", StringComparison.Ordinal);
        if (!Uri.TryCreate(isRelative ? "http://localhost" + trimmed : trimmed, UriKind.Absolute, out Uri? uri))
        {
            throw ApiException.BadRequest($"{field} is neither a data URL nor an address.", field, "invalid_image_url");
        }

        // Whoever knows the name may have the image, as at its address, under whichever name the server is reached.
        string? name = ImageStore.NameIn(uri);
        if (name is not null && store.Find(name, "") is { } kept)
        {
            return (_ => Task.FromResult(kept.Data), false);
        }

        if (isRelative)
        {
            throw ApiException.BadRequest(
                $"{field} names no picture that this server keeps, or keeps still: bring it as a data URL.",
                field,
                "invalid_image_url");
        }

        fetcher.Check(uri);
        return (cancellation => fetcher.FetchAsync(uri, cancellation), true);
    }

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

    private static byte[] Bytes(string address, string field) => DataUrl.Decode(address)
        ?? throw ApiException.BadRequest($"{field} is a data URL that is cut off or not base64.", field, "invalid_image_url");
}
