namespace NexusGen.Imaging;

/// <summary>The formats that are read. Which one a file has is told by its first bytes, never by its name.</summary>
internal enum SourceFormat
{
    Png,
    Jpeg,
    WebP,
    Gif,
    Tiff,
}

/// <summary>Tells a format by the first bytes of a file.</summary>
internal static class SourceFormats
{
    /// <summary>How many bytes <see cref="Detect"/> looks at.</summary>
    public const int SignatureLength = 12;

    /// <summary>The format, or null where these are not the first bytes of a picture that can be read.</summary>
    public static SourceFormat? Detect(ReadOnlySpan<byte> start) => start switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => SourceFormat.Png,
        [0xff, 0xd8, 0xff, ..] => SourceFormat.Jpeg,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            SourceFormat.WebP,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => SourceFormat.Gif,
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => SourceFormat.Tiff,
        _ => null,
    };
}
