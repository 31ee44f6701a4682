using NexusGen.Imaging;

namespace NexusGen.Server.Requests;

/// <summary>An image of a message.</summary>
internal sealed class RequestImage
{
    /// <summary>Gets or sets the pixels, or null until they are decoded.</summary>
    public RgbImage? Pixels { get; set; }
}
