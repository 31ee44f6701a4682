namespace NexusGen.Imaging;

/// <summary>The options for writing an image.</summary>
public sealed record ImageWriteOptions
{
    /// <summary>Gets the default options: quality 95, no parameters.</summary>
    public static ImageWriteOptions Default { get; } = new();

    /// <summary>Gets the quality of JPEG and lossy WebP, 1 to 100.</summary>
    public int Quality { get; init; } = 95;

    /// <summary>Gets whether WebP is lossless. PNG is always lossless, JPEG never.</summary>
    public bool Lossless { get; init; }

    /// <summary>Gets the compression level of PNG, from 0 (none) to 9.</summary>
    public int PngCompression { get; init; } = 6;

    /// <summary>
    /// Gets the texts that are stored in the file and read back by <see cref="ImageFile.ReadParameters(string)"/>, for example
    /// how the image was generated under the key <c>parameters</c>. As PNG requires, a key has 1 to 79 printable Latin-1
    /// characters without leading, trailing or consecutive spaces.
    /// </summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Checks that all values are in range.</summary>
    /// <exception cref="ImagingException">A value is out of range or a key can't be stored.</exception>
    internal void Check()
    {
        if (Quality is < 1 or > 100)
        {
            throw new ImagingException($"The quality of an image must be 1 to 100, not {Quality}.");
        }

        if (PngCompression is < 0 or > 9)
        {
            throw new ImagingException($"The compression of a PNG must be 0 to 9, not {PngCompression}.");
        }

        foreach (string key in Parameters.Keys)
        {
            if (!CanName(key))
            {
                throw new ImagingException(
                    $"'{key}' can't be the name of an image parameter; use 1 to 79 characters of Latin-1 without spaces at the "
                    + "ends.");
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
