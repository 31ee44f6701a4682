namespace NexusGen.Imaging;

/// <summary>The formats that can be read. They are detected from the first bytes of a file, never from its name.</summary>
internal enum SourceFormat
{
    Png,
    Jpeg,
    WebP,
    Gif,
    Tiff,
    Bmp,
}

/// <summary>Detects the format of a file from its first bytes.</summary>
internal static class SourceFormats
{
    /// <summary>The number of bytes that <see cref="Detect"/> needs.</summary>
    public const int SignatureLength = 12;

    /// <summary>Returns the format, or null if the bytes are not the start of a supported image.</summary>
    public static SourceFormat? Detect(ReadOnlySpan<byte> start) => start switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => SourceFormat.Png,
        [0xff, 0xd8, 0xff, ..] => SourceFormat.Jpeg,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            SourceFormat.WebP,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => SourceFormat.Gif,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => SourceFormat.Tiff,
        [(byte)'B', (byte)'M', ..] => SourceFormat.Bmp,
        _ => null,
    };
}
