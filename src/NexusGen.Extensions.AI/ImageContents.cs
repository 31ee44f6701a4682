using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>Images as message contents.</summary>
internal static class ImageContents
{
    /// <summary>Returns whether a content is an image.</summary>
    public static bool IsImage(AIContent content) =>
        (content is DataContent data && data.HasTopLevelMediaType("image"))
        || (content is UriContent uri && uri.HasTopLevelMediaType("image"));

    /// <summary>Reads an image.</summary>
    /// <param name="content">
    /// Image data, a <c>data:</c> URI, or a <c>file:</c> URI in an allowed folder. If the raw representation is an image, that
    /// one is used.
    /// </param>
    /// <param name="options">The options with the allowed folders.</param>
    /// <exception cref="NexusGenException">The content isn't an image, or its URI is not allowed.</exception>
    public static RgbImage Read(AIContent content, NexusGenClientOptions options) => content switch
    {
        { RawRepresentation: RgbImage decoded } => decoded,
        { RawRepresentation: OutputImage drawn } => drawn.Image,
        DataContent data => ImageFile.Read(data.Data.Span),
        UriContent { Uri.Scheme: "data" } uri => ImageFile.Read(new DataContent(uri.Uri, uri.MediaType).Data.Span),
        UriContent { Uri.IsFile: true } uri => ImageFile.Read(Allowed(uri.Uri.LocalPath, options)),
        UriContent uri => throw new NexusGenException(
            $"A picture is named by {uri.Uri.Scheme}: addresses are not fetched. Bring its bytes as DataContent."),
        _ => throw new NexusGenException($"A content of the kind {content.GetType().Name} is no picture."),
    };

    /// <summary>Creates the content of a generated image.</summary>
    /// <param name="picture">The image.</param>
    /// <param name="mediaType"><c>image/png</c>, <c>image/jpeg</c> or <c>image/webp</c>, or null for PNG.</param>
    /// <exception cref="NexusGenException">The media type isn't supported.</exception>
    public static DataContent Write(OutputImage picture, string? mediaType = null)
    {
        (ImageFormat format, string name) = mediaType?.ToLowerInvariant() switch
        {
            null or "image/png" => (ImageFormat.Png, "png"),
            "image/jpeg" or "image/jpg" => (ImageFormat.Jpeg, "jpg"),
            "image/webp" => (ImageFormat.WebP, "webp"),
            _ => throw new NexusGenException($"Pictures are written as image/png, image/jpeg or image/webp, not as {mediaType}."),
        };
        string type = name == "jpg" ? "image/jpeg" : $"image/{name}";
        return new DataContent(ImageFile.Encode(picture.Image, format), type)
        {
            Name = $"picture-{picture.Index + 1}.{name}",
            RawRepresentation = picture
        };
    }

    private static string Allowed(string path, NexusGenClientOptions options) =>
        AllowedFolders.Find(path, options.AllowedFolders)
        ?? throw new NexusGenException(
            "A picture is named by a file outside the allowed folders; bring its bytes as DataContent, "
            + "or allow its folder.");
}
