using NexusGen.Imaging;

namespace NexusGen.Server.Requests;

/// <summary>An image of a message.</summary>
internal sealed class RequestImage
{
    /// <summary>Gets or sets the pixels, or null until they are decoded.</summary>
    public RgbImage? Pixels { get; set; }

    /// <summary>Gets or sets the file, or null if only the pixels are known or the file is not needed.</summary>
    public byte[]? File { get; set; }
}
