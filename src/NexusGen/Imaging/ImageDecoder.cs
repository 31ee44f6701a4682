using NetVips;

namespace NexusGen.Imaging;

/// <summary>
/// Turns the bytes of a file into pixels as Pillow's <c>convert("RGB")</c> does: alpha is dropped and not blended, colour
/// profiles are ignored, CMYK is (255 − c)(255 − k)/255. Differently from Pillow, 16 bits of grey are scaled to 8 (Pillow clips)
/// and the camera's orientation is honoured. Of an animation the first frame is taken. Transparent places of a GIF come out
/// black, where Pillow gives them the colour of their palette entry.
/// </summary>
internal static class ImageDecoder
{
    /// <summary>The pixels of a picture.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="name">What to call it in errors, at the start of a sentence.</param>
    /// <param name="maxPixels">Most pixels; looked at before any pixel is decoded.</param>
    /// <exception cref="ImagingException">The picture can't be read.</exception>
    public static RgbImage Decode(byte[] data, string name, long maxPixels)
    {
        SourceFormat format = Format(data, name);
        try
        {
            using Image image = Vips.Open(data, format);
            CheckSize(image.Width, image.Height, name, maxPixels);
            byte[] pixels = Pixels(image);
            return ImageOrientation.Upright(pixels, image.Width, image.Height, Orientation(image));
        }
        catch (VipsException exception)
        {
            throw Damaged(name, format, exception);
        }
    }

    /// <summary>The size of the upright picture, from the header alone.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="name">What to call it in errors, at the start of a sentence.</param>
    /// <param name="maxPixels">Most pixels.</param>
    /// <exception cref="ImagingException">The header can't be read, or tells of too many pixels.</exception>
    public static (int Width, int Height) Size(byte[] data, string name, long maxPixels)
    {
        SourceFormat format = Format(data, name);
        try
        {
            using Image image = Vips.Open(data, format);
            CheckSize(image.Width, image.Height, name, maxPixels);
            return ImageOrientation.IsSideways(Orientation(image)) ? (image.Height, image.Width) : (image.Width, image.Height);
        }
        catch (VipsException exception)
        {
            throw Damaged(name, format, exception);
        }
    }

    /// <summary>The format, which the content alone decides.</summary>
    /// <exception cref="ImagingException">There is nothing, or nothing that can be read.</exception>
    public static SourceFormat Format(ReadOnlySpan<byte> start, string name)
    {
        if (start.IsEmpty)
        {
            throw new ImagingException($"{name} is empty.");
        }

        return SourceFormats.Detect(start)
            ?? throw new ImagingException($"{name} is not a picture that can be read: PNG, JPEG, WebP, GIF and TIFF are.");
    }

    /// <summary>The error for what libvips refused.</summary>
    public static ImagingException Damaged(string name, SourceFormat format, VipsException exception) =>
        new($"{name} is cut short or damaged: it can't be read as {format}; take a whole file.", exception);

    private static void CheckSize(int width, int height, string name, long maxPixels)
    {
        if (width > ImageFile.MaxSide || height > ImageFile.MaxSide)
        {
            throw new ImagingException(
                $"{name} is {width}×{height}; a side has at most {ImageFile.MaxSide} pixels: scale it down.");
        }

        maxPixels = Math.Min(maxPixels, ImageFile.MaxPixels);
        if ((long)width * height > maxPixels)
        {
            throw new ImagingException($"{name} is {width}×{height}; at most {maxPixels} pixels are read: scale it down.");
        }
    }

    private static int Orientation(Image image) =>
        image.Contains("orientation") && image.Get("orientation") is int value ? value : 1;

    private static byte[] Pixels(Image image)
    {
        bool cmyk = image.Interpretation == Enums.Interpretation.Cmyk;
        bool lab = image.Interpretation is Enums.Interpretation.Lab or Enums.Interpretation.Labq or Enums.Interpretation.Labs;
        switch (image.Format)
        {
            case Enums.BandFormat.Uchar when cmyk && image.Bands >= 4:
                return FromCmyk(Bands<byte>(image, 4));
            case Enums.BandFormat.Uchar when !lab && !cmyk:
                return FromLevels(image);
            case Enums.BandFormat.Ushort when !lab && !cmyk && image.Bands >= 3:
                return HighBytes(Bands<ushort>(image, 3));
            case Enums.BandFormat.Ushort when !lab && image.Bands == 2:
                return FromGrey(HighBytes(Bands<ushort>(image, 1)));
            case Enums.BandFormat.Ushort when !lab && image.Bands == 1:
                return FromGrey(Scaled(Bands<ushort>(image, 1)));
            default:
                // Rare kinds of TIFF (real numbers, Lab): Pillow has no common rule for them, so libvips' conversion is taken.
                using (Image colours = image.Colourspace(Enums.Interpretation.Srgb))
                using (Image levels = colours.Cast(Enums.BandFormat.Uchar))
                {
                    return FromLevels(levels);
                }
        }
    }

    private static byte[] FromLevels(Image image) => image.Bands >= 3 ? Bands<byte>(image, 3) : FromGrey(Bands<byte>(image, 1));

    /// <summary>Decodes the pixels and keeps the first bands of each.</summary>
    private static T[] Bands<T>(Image image, int count)
        where T : unmanaged
    {
        using Image bands = image.ExtractBand(0, n: count);
        return bands.WriteToMemory<T>();
    }

    private static byte[] FromGrey(byte[] grey)
    {
        var rgb = new byte[grey.Length * RgbImage.Channels];
        for (int i = 0; i < grey.Length; i++)
        {
            rgb.AsSpan(i * RgbImage.Channels, RgbImage.Channels).Fill(grey[i]);
        }

        return rgb;
    }

    private static byte[] HighBytes(ushort[] values) => Array.ConvertAll(values, value => (byte)(value >> 8));

    private static byte[] Scaled(ushort[] values) => Array.ConvertAll(values, value => (byte)((value + 128) / 257));

    private static byte[] FromCmyk(byte[] cmyk)
    {
        var rgb = new byte[cmyk.Length / 4 * RgbImage.Channels];
        for (int i = 0; i < cmyk.Length / 4; i++)
        {
            int white = 255 - cmyk[(4 * i) + 3];
            for (int c = 0; c < RgbImage.Channels; c++)
            {
                int product = (cmyk[(4 * i) + c] * white) + 128;
                rgb[(RgbImage.Channels * i) + c] = (byte)Math.Max(0, white - (((product >> 8) + product) >> 8));
            }
        }

        return rgb;
    }
}
