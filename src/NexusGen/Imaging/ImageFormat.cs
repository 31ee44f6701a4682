namespace NexusGen.Imaging;

/// <summary>The formats in which pictures are written.</summary>
public enum ImageFormat
{
    /// <summary>Without loss; parameters stand in text chunks.</summary>
    Png,

    /// <summary>With loss; parameters stand in an XMP packet.</summary>
    Jpeg,

    /// <summary>With or without loss; parameters stand in an XMP packet.</summary>
    WebP,
}
