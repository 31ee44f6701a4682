using NetVips;

namespace NexusGen.Imaging;

/// <summary>
/// Encodes pixels as an image file. The same image and options always produce the same bytes. A PNG keeps the alpha of an image
/// that was read with one; JPEG and WebP get the colors alone.
/// </summary>
internal static class ImageEncoder
{
    private const int MaxWebPSide = 16_383;

    /// <summary>Encodes an image.</summary>
    /// <exception cref="ImagingException">
    /// An option is out of range, or the format can't hold the image or its parameters.
    /// </exception>
    public static byte[] Encode(RgbImage image, ImageFormat format, ImageWriteOptions options)
    {
        options.Check();
        int maxSide = format == ImageFormat.WebP ? MaxWebPSide : ImageFile.MaxSide;
        if (image.Width > maxSide || image.Height > maxSide)
        {
            throw new ImagingException(
                $"An image of {image} can't be written as {format}: a side may have at most {maxSide} pixels.");
        }

        try
        {
            using Image pixels = format == ImageFormat.Png && !image.Alpha.IsEmpty ? Vips.FromRgba(image) : Vips.FromRgb(image);
            if (format == ImageFormat.Png)
            {
                byte[] png = pixels.PngsaveBuffer(
                    compression: options.PngCompression, filter: Enums.ForeignPngFilter.All, keep: Enums.ForeignKeep.None);
                return PngText.Insert(png, options.Parameters);
            }

            using Image described = Describe(pixels, format, options.Parameters);
            return format == ImageFormat.Jpeg
                ? described.JpegsaveBuffer(q: options.Quality, keep: Enums.ForeignKeep.Xmp)
                : described.WebpsaveBuffer(q: options.Quality, lossless: options.Lossless, keep: Enums.ForeignKeep.Xmp);
        }
        catch (VipsException exception)
        {
            throw new ImagingException($"An image of {image} could not be encoded as {format}.", exception);
        }
    }

    private static Image Describe(Image pixels, ImageFormat format, IReadOnlyDictionary<string, string> parameters)
    {
        if (parameters.Count == 0)
        {
            return pixels.Copy();
        }

        byte[] packet = XmpText.Write(parameters);
        if (format == ImageFormat.Jpeg && packet.Length > XmpText.MaxJpegLength)
        {
            throw new ImagingException(
                $"The parameters take {packet.Length} bytes, but a JPEG allows {XmpText.MaxJpegLength}; write a PNG or shorten "
                + "them.");
        }

        return pixels.Mutate(mutable => mutable.Set(GValue.BlobType, XmpText.VipsField, packet));
    }
}
