using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>Pictures as contents of messages.</summary>
internal static class PictureContents
{
    /// <summary>Whether a content is a picture.</summary>
    public static bool IsPicture(AIContent content) =>
        (content is DataContent data && data.HasTopLevelMediaType("image")) || (content is UriContent uri && uri.HasTopLevelMediaType("image"));

    /// <summary>Reads a picture.</summary>
    /// <param name="content">
    /// Its bytes, a <c>data:</c> address, or a <c>file:</c> address in an allowed folder; where its raw representation is a picture,
    /// that one.
    /// </param>
    /// <param name="options">Which folders are allowed.</param>
    /// <exception cref="NexusGenException">It is no picture, or lies where nothing is read.</exception>
    public static RgbImage Read(AIContent content, NexusGenClientOptions options) => content switch
    {
        { RawRepresentation: RgbImage decoded } => decoded,
        { RawRepresentation: DrawnPicture drawn } => drawn.Image,
        DataContent data => ImageFile.Read(data.Data.Span),
        UriContent { Uri.Scheme: "data" } uri => ImageFile.Read(new DataContent(uri.Uri, uri.MediaType).Data.Span),
        UriContent { Uri.IsFile: true } uri => ImageFile.Read(Allowed(uri.Uri.LocalPath, options)),
        UriContent uri => throw new NexusGenException($"A picture is named by {uri.Uri.Scheme}: addresses are not fetched. Bring its bytes as DataContent."),
        _ => throw new NexusGenException($"A content of the kind {content.GetType().Name} is no picture."),
    };

    /// <summary>A drawn picture as a content.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="mediaType"><c>image/png</c>, <c>image/jpeg</c> or <c>image/webp</c>; PNG where null.</param>
    /// <exception cref="NexusGenException">There is no such format.</exception>
    public static DataContent Write(DrawnPicture picture, string? mediaType = null)
    {
        (ImageFormat format, string name) = mediaType?.ToLowerInvariant() switch
        {
            null or "image/png" => (ImageFormat.Png, "png"),
            "image/jpeg" or "image/jpg" => (ImageFormat.Jpeg, "jpg"),
            "image/webp" => (ImageFormat.WebP, "webp"),
            _ => throw new NexusGenException($"Pictures are written as image/png, image/jpeg or image/webp, not as {mediaType}."),
        };
        string type = name == "jpg" ? "image/jpeg" : $"image/{name}";
        return new DataContent(ImageFile.Encode(picture.Image, format), type) { Name = $"picture-{picture.Index + 1}.{name}", RawRepresentation = picture };
    }

    private static string Allowed(string path, NexusGenClientOptions options) => AllowedFolders.Find(path, options.AllowedFolders)
        ?? throw new NexusGenException("A picture is named by a file outside the allowed folders; bring its bytes as DataContent, or allow its folder.");
}
