using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Scheduling;

namespace NexusGen.Server.Images;

/// <summary>Keeps generated images that later requests refer to by an address or a name.</summary>
internal sealed class ImageStore(IOptions<NexusGenServerOptions> options)
    : ShortTermStore<EncodedImage>(options.Value.StoreBytes / 2, options.Value.PictureLifetime)
{
    /// <summary>The path of addresses of images. The name follows.</summary>
    public const string Path = "/pictures/";

    /// <summary>Returns the name in the address of an image, or null if it is none.</summary>
    public static string? NameIn(Uri address)
    {
        string path = address.AbsolutePath;
        int start = path.LastIndexOf('/') + 1;
        return start < path.Length && path.AsSpan(0, start).EndsWith(Path, StringComparison.Ordinal) ? path[start..] : null;
    }
}
