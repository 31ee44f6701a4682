namespace NexusGen.Imaging;

/// <summary>How a picture is written.</summary>
public sealed record ImageWriteOptions
{
    /// <summary>The defaults: quality 95, no parameters.</summary>
    public static ImageWriteOptions Default { get; } = new();

    /// <summary>Quality of JPEG and of WebP with loss, 1 to 100.</summary>
    public int Quality { get; init; } = 95;

    /// <summary>Whether WebP is written without loss. PNG always is, JPEG never.</summary>
    public bool Lossless { get; init; }

    /// <summary>How hard PNG is compressed, 0 (not at all) to 9.</summary>
    public int PngCompression { get; init; } = 6;

    /// <summary>
    /// Texts that are stored in the file and given back by <see cref="ImageFile.ReadParameters(string)"/>: how the picture was
    /// made, for instance under the key <c>parameters</c>. Keys are 1 to 79 characters of Latin-1 as PNG demands.
    /// </summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ImagingException">A value is out of range or a key can't be stored.</exception>
    internal void Check()
    {
        if (Quality is < 1 or > 100)
        {
            throw new ImagingException($"The quality of a picture is 1 to 100, not {Quality}.");
        }

        if (PngCompression is < 0 or > 9)
        {
            throw new ImagingException($"The compression of a PNG is 0 to 9, not {PngCompression}.");
        }

        foreach (string key in Parameters.Keys)
        {
            if (!CanName(key))
            {
                throw new ImagingException(
                    $"'{key}' can't name a text in a picture: use 1 to 79 characters of Latin-1 without spaces at the ends.");
            }
        }
    }

    private static bool CanName(string key) =>
        key.Length is >= 1 and <= 79
        && key.Trim(' ') == key
        && !key.Contains("  ", StringComparison.Ordinal)
        && key.All(IsPrintableLatin1);

    private static bool IsPrintableLatin1(char c) => c is (>= ' ' and <= '~') or (>= '\u00a1' and <= '\u00ff');
}
