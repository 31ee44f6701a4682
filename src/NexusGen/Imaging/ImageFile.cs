using NetVips;

namespace NexusGen.Imaging;

/// <summary>
/// Reads and writes pictures. Reading gives the pixels of Pillow's <c>Image.open(…).convert("RGB")</c>: alpha is dropped, colour
/// profiles are ignored; differently, 16 bits of grey are scaled to 8 and the camera's orientation is honoured. The content
/// decides the format, not the name: PNG, JPEG, WebP, GIF (the first frame) and TIFF are read, PNG, JPEG and WebP written.
/// Whatever is wrong with a file is told in one sentence by an <see cref="ImagingException"/>: sizes are looked at before pixels
/// are decoded, and a cut file is refused. Writing is atomic. All members may be called from several threads at once.
/// </summary>
public static class ImageFile
{
    /// <summary>Most pixels of a picture, whatever the caller asks for; where Pillow begins to warn.</summary>
    public const long MaxPixels = 178_956_970;

    /// <summary>Most pixels of a side.</summary>
    public const int MaxSide = 65_500;

    /// <summary>Most bytes of a file: 1 GiB.</summary>
    public const long MaxFileLength = 1 << 30;

    private const string Unnamed = "The picture";

    /// <summary>Reads a picture from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">Most pixels it may have.</param>
    /// <exception cref="ImagingException">There is no such file, or it is no picture, cut, damaged or too large.</exception>
    public static RgbImage Read(string path, long maxPixels = MaxPixels) =>
        ImageDecoder.Decode(ReadBytes(path), Name(path), maxPixels);

    /// <summary>Reads a picture from where a stream stands to its end. The stream stays open.</summary>
    /// <param name="stream">The stream; it need not seek.</param>
    /// <param name="maxPixels">Most pixels the picture may have.</param>
    /// <exception cref="ImagingException">It is no picture, cut, damaged or too large.</exception>
    public static RgbImage Read(Stream stream, long maxPixels = MaxPixels)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ImageDecoder.Decode(ReadBytes(stream, Unnamed), Unnamed, maxPixels);
    }

    /// <summary>Reads a picture from the bytes of a file.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="maxPixels">Most pixels the picture may have.</param>
    /// <exception cref="ImagingException">It is no picture, cut, damaged or too large.</exception>
    public static RgbImage Read(ReadOnlySpan<byte> data, long maxPixels = MaxPixels) =>
        ImageDecoder.Decode(data.ToArray(), Unnamed, maxPixels);

    /// <summary>Width and height that a picture will have when it is read, from its header: no pixel is decoded.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="maxPixels">Most pixels the picture may have.</param>
    /// <exception cref="ImagingException">It is no picture or too large, or its header is cut or damaged.</exception>
    public static (int Width, int Height) ReadSize(ReadOnlySpan<byte> data, long maxPixels = MaxPixels) => ImageDecoder.Size(data.ToArray(), Unnamed, maxPixels);

    /// <summary>
    /// Writes a picture in the format of the name's ending: .png, .jpg, .jpeg or .webp. A file of that name is replaced when the
    /// new one is complete; on any failure it is left as it was and nothing else remains.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="ImagingException">The ending is unknown, or the file can't be written: full disk, no folder.</exception>
    public static void Write(string path, RgbImage image, ImageWriteOptions? options = null) =>
        AtomicFile.Write(path, Encode(image, FormatOf(path), options));

    /// <summary>A picture as the bytes of a file.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="format">The format.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="ImagingException">An option is out of range, or the format can't hold the picture or texts.</exception>
    public static byte[] Encode(RgbImage image, ImageFormat format, ImageWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ImageEncoder.Encode(image, format, options ?? ImageWriteOptions.Default);
    }

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <exception cref="ImagingException">The ending is not one of .png, .jpg, .jpeg and .webp.</exception>
    public static ImageFormat FormatOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => ImageFormat.Png,
            ".JPG" or ".JPEG" => ImageFormat.Jpeg,
            ".WEBP" => ImageFormat.WebP,
            _ => throw new ImagingException($"'{path}' does not say in which format to write: end it with .png, .jpg or .webp."),
        };
    }

    /// <summary>
    /// The parameters that were stored in a file; of a PNG all its texts, whoever wrote them. Empty where there are none.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImagingException">There is no such file, or it is no picture or damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadParameters(string path) => Parameters(ReadBytes(path), Name(path));

    /// <summary>The parameters that were stored in the bytes of a file; see <see cref="ReadParameters(string)"/>.</summary>
    /// <param name="data">The whole file.</param>
    /// <exception cref="ImagingException">It is no picture or damaged.</exception>
    public static IReadOnlyDictionary<string, string> ReadParameters(ReadOnlySpan<byte> data) =>
        Parameters(data.ToArray(), Unnamed);

    private static Dictionary<string, string> Parameters(byte[] data, string name)
    {
        SourceFormat format = ImageDecoder.Format(data, name);
        if (format == SourceFormat.Png)
        {
            return PngText.Read(data);
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

    private static string Name(string path) => $"The picture '{path}'";

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
                UnauthorizedAccessException => "may not be read by you",
                _ => $"can't be read: {exception.Message.TrimEnd('.')}",
            };
            throw new ImagingException($"{Name(path)} {reason}.", exception);
        }
    }

    private static byte[] ReadBytes(Stream stream, string name)
    {
        // The first bytes are judged before the rest is read, which may be long or endless.
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
