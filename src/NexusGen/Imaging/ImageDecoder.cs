using NetVips;

namespace NexusGen.Imaging;

/// <summary>
/// Decodes an image file like <c>convert("RGB")</c> of Pillow: the stored colors are kept under alpha, color profiles are
/// ignored, CMYK is converted by (255 − c)(255 − k)/255, and signed, 32-bit and floating-point gray is clipped to 0…255. Where
/// Pillow's mode is RGBA, alpha is kept beside the colors; see <see cref="RgbImage.OverWhite"/>. Unlike Pillow, unsigned 16-bit
/// gray is scaled to 8 bits (Pillow clips), and the Exif orientation is applied. Of an animation, only the first frame is
/// decoded.
/// </summary>
internal static class ImageDecoder
{
    /// <summary>Decodes an image to pixels.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="name">The name of the image in error messages, at the start of a sentence.</param>
    /// <param name="maxPixels">The maximum number of pixels, checked before any pixel is decoded.</param>
    /// <exception cref="ImagingException">The image can't be read.</exception>
    public static RgbImage Decode(byte[] data, string name, long maxPixels)
    {
        SourceFormat format = Format(data, name);
        if (format == SourceFormat.Bmp)
        {
            var bitmap = new BmpDecoder(data, name);
            CheckSize(bitmap.Width, bitmap.Height, name, maxPixels);
            return RgbImage.FromBytes(bitmap.Pixels(), bitmap.Width, bitmap.Height);
        }

        try
        {
            using Image image = Open(data, name, format);
            CheckSize(image.Width, image.Height, name, maxPixels);
            int orientation = Orientation(image);
            SourceAlpha kind = SourceAlphas.Of(data, format, image.Bands);
            if (kind == SourceAlpha.None)
            {
                return ImageOrientation.Upright(Pixels(image), image.Width, image.Height, orientation);
            }

            (byte[] pixels, byte[] alpha) = AlphaBand.Split(Levels(image), image.Bands);
            if (kind == SourceAlpha.Palette)
            {
                GifFrame.Of(data).Fill(pixels, alpha, image.Width);
                return ImageOrientation.Upright(pixels, image.Width, image.Height, orientation);
            }

            RgbImage colors = ImageOrientation.Upright(pixels, image.Width, image.Height, orientation);
            RgbImage opacity = ImageOrientation.Upright(FromGrey(alpha), image.Width, image.Height, orientation);
            return colors.WithAlpha(opacity);
        }
        catch (VipsException exception)
        {
            throw Damaged(name, format, exception);
        }
    }

    /// <summary>Reads the size of the upright image from the header, without decoding pixels.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="name">The name of the image in error messages, at the start of a sentence.</param>
    /// <param name="maxPixels">The maximum number of pixels.</param>
    /// <exception cref="ImagingException">The header can't be read, or the image has too many pixels.</exception>
    public static (int Width, int Height) Size(byte[] data, string name, long maxPixels)
    {
        SourceFormat format = Format(data, name);
        if (format == SourceFormat.Bmp)
        {
            var bitmap = new BmpDecoder(data, name);
            CheckSize(bitmap.Width, bitmap.Height, name, maxPixels);
            return (bitmap.Width, bitmap.Height);
        }

        try
        {
            using Image image = Open(data, name, format);
            CheckSize(image.Width, image.Height, name, maxPixels);
            return ImageOrientation.IsSideways(Orientation(image)) ? (image.Height, image.Width) : (image.Width, image.Height);
        }
        catch (VipsException exception)
        {
            throw Damaged(name, format, exception);
        }
    }

    /// <summary>Detects the format from the content.</summary>
    /// <exception cref="ImagingException">The data is empty or not in a supported format.</exception>
    public static SourceFormat Format(ReadOnlySpan<byte> start, string name)
    {
        if (start.IsEmpty)
        {
            throw new ImagingException($"{name} is empty.");
        }

        return SourceFormats.Detect(start)
            ?? throw new ImagingException($"{name} is not in a supported format: PNG, JPEG, WebP, GIF, TIFF or BMP.");
    }

    /// <summary>Creates the exception for a file that can't be decoded.</summary>
    public static ImagingException Damaged(string name, SourceFormat format, VipsException? exception = null)
    {
        string message = $"{name} is truncated or damaged: it can't be read as {format}; use a complete file.";
        return exception is null ? new(message) : new(message, exception);
    }

    private static Image Open(byte[] data, string name, SourceFormat format)
    {
        if (format == SourceFormat.Tiff)
        {
            TiffKind.Check(data, name);
        }

        return Vips.Open(data, format);
    }

    private static void CheckSize(int width, int height, string name, long maxPixels)
    {
        if (width > ImageFile.MaxSide || height > ImageFile.MaxSide)
        {
            throw new ImagingException(
                $"{name} is {width}×{height}; a side may have at most {ImageFile.MaxSide} pixels; scale it down.");
        }

        maxPixels = Math.Min(maxPixels, ImageFile.MaxPixels);
        if ((long)width * height > maxPixels)
        {
            throw new ImagingException($"{name} is {width}×{height}; at most {maxPixels} pixels are supported; scale it down.");
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
            case Enums.BandFormat.Ushort when cmyk && image.Bands >= 4:
                return FromCmyk(HighBytes(Bands<ushort>(image, 4)));
            case Enums.BandFormat.Uchar when !lab && !cmyk:
                return FromLevels(image);
            case Enums.BandFormat.Short or Enums.BandFormat.Int or Enums.BandFormat.Uint or Enums.BandFormat.Float
                when image.Bands <= 2:
                using (Image grey = image.ExtractBand(0))
                using (Image clipped = grey.Cast(Enums.BandFormat.Uchar))
                {
                    return FromGrey(clipped.WriteToMemory<byte>());
                }

            case Enums.BandFormat.Ushort when !lab && !cmyk && image.Bands >= 3:
                return HighBytes(Bands<ushort>(image, 3));
            case Enums.BandFormat.Ushort when !lab && image.Bands == 2:
                return FromGrey(HighBytes(Bands<ushort>(image, 1)));
            case Enums.BandFormat.Ushort when !lab && image.Bands == 1:
                return FromGrey(Scaled(Bands<ushort>(image, 1)));
            default:
                // Rare kinds of TIFF (floating-point, Lab): Pillow has no common rule for them, so the conversion of libvips is
                // used.
                using (Image colours = image.Colourspace(Enums.Interpretation.Srgb))
                using (Image levels = colours.Cast(Enums.BandFormat.Uchar))
                {
                    return FromLevels(levels);
                }
        }
    }

    // All bands of a file with alpha, of 8 or 16 bits.
    private static byte[] Levels(Image image) => image.Format == Enums.BandFormat.Ushort
        ? HighBytes(image.WriteToMemory<ushort>())
        : image.WriteToMemory<byte>();

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
