namespace NexusGen.Imaging;

/// <summary>What the alpha of a file means for its pixels, by the rules of Pillow.</summary>
internal enum SourceAlpha
{
    /// <summary>The file has no alpha, or Pillow reads it in another mode than RGBA and drops alpha.</summary>
    None,

    /// <summary>
    /// Mode RGBA. libvips divides the colors of a TIFF that are multiplied by alpha, as Pillow does.
    /// </summary>
    Rgba,

    /// <summary>The palette of a GIF: a transparent pixel has the color of its entry; see <see cref="GifFrame"/>.</summary>
    Palette,
}

/// <summary>
/// Finds <see cref="SourceAlpha"/>. libvips expands palettes and transparent colors to alpha, so the number of bands does not
/// say which mode Pillow would use.
/// </summary>
internal static class SourceAlphas
{
    private const int PngColorType = 25, PngRgba = 6;

    /// <summary>Returns what the alpha of a file means.</summary>
    /// <param name="data">The file.</param>
    /// <param name="format">Its format.</param>
    /// <param name="bands">The bands that libvips decodes.</param>
    public static SourceAlpha Of(byte[] data, SourceFormat format, int bands) => format switch
    {
        SourceFormat.Png when bands == 4 && data.Length > PngColorType && data[PngColorType] == PngRgba => SourceAlpha.Rgba,
        SourceFormat.WebP when bands == 4 => SourceAlpha.Rgba,
        SourceFormat.Tiff when bands >= 4 => OfTiff(data),
        SourceFormat.Gif => SourceAlpha.Palette,
        _ => SourceAlpha.None,
    };

    private static SourceAlpha OfTiff(byte[] data)
    {
        const int Photometric = 262, ExtraSamples = 338, Rgb = 2, CorelDraw = 999;
        if (TiffTag.First(data, Photometric) != Rgb)
        {
            return SourceAlpha.None;
        }

        return TiffTag.First(data, ExtraSamples) switch
        {
            null or 1 or 2 or CorelDraw => SourceAlpha.Rgba,
            _ => SourceAlpha.None,
        };
    }
}
