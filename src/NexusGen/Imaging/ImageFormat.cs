namespace NexusGen.Imaging;

/// <summary>The formats in which images are written.</summary>
public enum ImageFormat
{
    /// <summary>PNG: lossless, with parameters in text chunks.</summary>
    Png,

    /// <summary>JPEG: lossy, with parameters in an XMP packet.</summary>
    Jpeg,

    /// <summary>WebP: lossless or lossy, with parameters in an XMP packet.</summary>
    WebP,
}
