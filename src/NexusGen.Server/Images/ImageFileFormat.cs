using NexusGen.Imaging;
using NexusGen.Server.Http;

namespace NexusGen.Server.Images;

/// <summary>A file format of images in responses.</summary>
/// <param name="Format">The format.</param>
/// <param name="Name">The name in requests.</param>
internal sealed record ImageFileFormat(ImageFormat Format, string Name)
{
    /// <summary>Gets the default format.</summary>
    public static ImageFileFormat Png { get; } = new(ImageFormat.Png, "png");

    private static readonly ImageFileFormat[] All = [Png, new(ImageFormat.Jpeg, "jpeg"), new(ImageFormat.WebP, "webp")];

    /// <summary>Gets the media type.</summary>
    public string MediaType => $"image/{Name}";

    /// <summary>Returns the format of a name, or the default if it is null.</summary>
    /// <exception cref="ApiException">The name is unknown.</exception>
    public static ImageFileFormat Parse(string? name, string field) => name is null
        ? Png
        : All.FirstOrDefault(format => format.Name == name)
            ?? throw ApiException.BadRequest($"{field} must be png, jpeg or webp.", field);

    /// <summary>Encodes an image as a file.</summary>
    public byte[] Encode(RgbImage image) => ImageFile.Encode(image, Format);

    /// <summary>Encodes an image as a data URL.</summary>
    public string DataUrl(RgbImage image) => $"data:{MediaType};base64,{Convert.ToBase64String(Encode(image))}";
}
