using NetVips;

namespace NexusGen.Imaging;

/// <summary>
/// Reads and writes image files. The pixels equal those of Pillow's <c>Image.open(…).convert("RGB")</c>: alpha is dropped and
/// color profiles are ignored. Unlike Pillow, 16-bit gray is scaled to 8 bits and the Exif orientation is applied. The format is
/// detected from the content, not the name: PNG, JPEG, WebP, GIF (the first frame), TIFF and BMP can be read; PNG, JPEG and WebP
/// can be written. Every problem with a file is reported as an <see cref="ImagingException"/>. Sizes are checked before pixels
/// are decoded, and a truncated file is rejected. Writing is atomic. All members are thread-safe.
/// </summary>
public static class ImageFile
{
    /// <summary>
    /// The maximum number of pixels of an image, whatever limit the caller sets. Above it, Pillow raises an error.
    /// </summary>
    public const long MaxPixels = 178_956_970;

    /// <summary>The maximum width and height in pixels.</summary>
    public const int MaxSide = 65_500;

    /// <summary>The maximum length of a file in bytes, 1 GiB.</summary>
    public const long MaxFileLength = 1 << 30;

    private const string Unnamed = "The image";

    /// <summary>Reads an image from a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="maxPixels">The maximum number of pixels.</param>
    /// <exception cref="ImagingException">
    /// The file doesn't exist, or isn't an image, or is truncated, damaged or too large.
    /// </exception>
    public static RgbImage Read(string path, long maxPixels = MaxPixels) =>
        ImageDecoder.Decode(ReadBytes(path), Name(path), maxPixels);

    /// <summary>Reads an image from a stream, from the current position to the end. The stream stays open.</summary>
    /// <param name="stream">The stream. It doesn't have to be seekable.</param>
    /// <param name="maxPixels">The maximum number of pixels.</param>
    /// <exception cref="ImagingException">The data isn't an image, or is truncated, damaged or too large.</exception>
    public static RgbImage Read(Stream stream, long maxPixels = MaxPixels)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ImageDecoder.Decode(ReadBytes(stream, Unnamed), Unnamed, maxPixels);
    }

    /// <summary>Reads an image from the bytes of a file.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="maxPixels">The maximum number of pixels.</param>
    /// <exception cref="ImagingException">The data isn't an image, or is truncated, damaged or too large.</exception>
    public static RgbImage Read(ReadOnlySpan<byte> data, long maxPixels = MaxPixels) =>
        ImageDecoder.Decode(data.ToArray(), Unnamed, maxPixels);

    /// <summary>Reads the width and height that an image has after decoding from its header, without decoding pixels.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="maxPixels">The maximum number of pixels.</param>
    /// <exception cref="ImagingException">
    /// The data isn't an image or is too large, or its header is truncated or damaged.
    /// </exception>
    public static (int Width, int Height) ReadSize(ReadOnlySpan<byte> data, long maxPixels = MaxPixels) =>
        ImageDecoder.Size(data.ToArray(), Unnamed, maxPixels);

    /// <summary>
    /// Writes an image in the format of the file name extension: .png, .jpg, .jpeg or .webp. An existing file is replaced once
    /// the new one is complete. On any failure the existing file is left unchanged and no other file remains.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="image">The image.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="ImagingException">
    /// The extension is unknown, or the file can't be written, for example because the disk is full or the folder doesn't exist.
    /// </exception>
    public static void Write(string path, RgbImage image, ImageWriteOptions? options = null) =>
        ImageWriter.Write(path, Encode(image, FormatOf(path), options));

    /// <summary>Encodes an image as the bytes of a file.</summary>
    /// <param name="image">The image.</param>
    /// <param name="format">The format.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="ImagingException">
    /// An option is out of range, or the format can't hold the image or its parameters.
    /// </exception>
    public static byte[] Encode(RgbImage image, ImageFormat format, ImageWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ImageEncoder.Encode(image, format, options ?? ImageWriteOptions.Default);
    }

    /// <summary>Returns the format for a file name extension.</summary>
    /// <param name="path">The path of the file, which doesn't have to exist.</param>
    /// <exception cref="ImagingException">The extension is not .png, .jpg, .jpeg or .webp.</exception>
    public static ImageFormat FormatOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => ImageFormat.Png,
            ".JPG" or ".JPEG" => ImageFormat.Jpeg,
            ".WEBP" => ImageFormat.WebP,
            _ => throw new ImagingException(
                $"'{path}' does not have the extension of a supported format: end it with .png, .jpg or .webp."),
        };
    }

    /// <summary>
    /// Reads the parameters that are stored in a file. For a PNG, these are all its text chunks, whichever program wrote them.
    /// Empty if there are none.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="ImagingException">The file doesn't exist, or isn't an image, or is damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadParameters(string path) => Parameters(ReadBytes(path), Name(path));

    /// <summary>Reads the parameters that are stored in the bytes of a file; see <see cref="ReadParameters(string)"/>.</summary>
    /// <param name="data">The content of the file.</param>
    /// <exception cref="ImagingException">The data isn't an image, or is damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadParameters(ReadOnlySpan<byte> data) =>
        Parameters(data.ToArray(), Unnamed);

    private static Dictionary<string, string> Parameters(byte[] data, string name)
    {
        SourceFormat format = ImageDecoder.Format(data, name);
        if (format == SourceFormat.Png)
        {
            return PngText.Read(data);
        }

        if (format == SourceFormat.Bmp)
        {
            return [];
        }

        try
        {
            using Image image = Vips.Open(data, format);
            return image.Contains(XmpText.VipsField) && image.Get(XmpText.VipsField) is byte[] packet ? XmpText.Read(packet) : [];
        }
        catch (VipsException exception)
        {
            throw ImageDecoder.Damaged(name, format, exception);
        }
    }

    private static string Name(string path) => $"The image '{path}'";

    private static byte[] ReadBytes(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return ReadBytes(stream, Name(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string reason = exception switch
            {
                _ when Directory.Exists(path) => "is a folder",
                FileNotFoundException or DirectoryNotFoundException => "does not exist; check the path",
                UnauthorizedAccessException => "can't be read: permission denied",
                _ => $"can't be read: {exception.Message.TrimEnd('.')}",
            };
            throw new ImagingException($"{Name(path)} {reason}.", exception);
        }
    }

    private static byte[] ReadBytes(Stream stream, string name)
    {
        // Check the first bytes before reading the rest, which can be long or endless.
        var start = new byte[SourceFormats.SignatureLength];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ImageDecoder.Format(start.AsSpan(0, count), name);
        using var data = new MemoryStream(stream.CanSeek ? (int)Math.Clamp(stream.Length, count, MaxFileLength) : 0);
        data.Write(start, 0, count);
        var buffer = new byte[1 << 16];
        while ((count = stream.Read(buffer)) > 0)
        {
            if (data.Length + count > MaxFileLength)
            {
                throw new ImagingException($"{name} is longer than {MaxFileLength} bytes.");
            }

            data.Write(buffer, 0, count);
        }

        return data.Length == data.Capacity ? data.GetBuffer() : data.ToArray();
    }
}
