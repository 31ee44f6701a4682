using NexusGen.Imaging;
using NexusGen.Server.Http;

namespace NexusGen.Server.Pictures;

/// <summary>A format that pictures are sent in.</summary>
/// <param name="Format">The format.</param>
/// <param name="Name">Its name in requests.</param>
internal sealed record PictureFormat(ImageFormat Format, string Name)
{
    /// <summary>The format where none is asked for.</summary>
    public static PictureFormat Png { get; } = new(ImageFormat.Png, "png");

    private static readonly PictureFormat[] All = [Png, new(ImageFormat.Jpeg, "jpeg"), new(ImageFormat.WebP, "webp")];

    /// <summary>Its media type.</summary>
    public string MediaType => $"image/{Name}";

    /// <summary>The format of a name.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public static PictureFormat Parse(string? name, string field) => name is null
        ? Png
        : All.FirstOrDefault(format => format.Name == name)
            ?? throw ApiException.BadRequest($"{field} must be png, jpeg or webp.", field);

    /// <summary>A picture's file.</summary>
    public byte[] Encode(RgbImage image) => ImageFile.Encode(image, Format);

    /// <summary>A picture as a data URL.</summary>
    public string DataUrl(RgbImage image) => $"data:{MediaType};base64,{Convert.ToBase64String(Encode(image))}";
}
