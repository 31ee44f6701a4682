using NetVips;

namespace NexusGen.Imaging;

/// <summary>
/// Access to libvips, which decodes and encodes the formats. Its settings are process-wide: no cache of results, at most two
/// threads per image, and no loaders that its authors consider unsafe for untrusted files.
/// </summary>
internal static class Vips
{
    private const int MostThreads = 2;

    // Held here: the garbage collector does not see that native code keeps a delegate.
    private static readonly Log.LogDelegate Silent = (_, _, _) => { };

    private static readonly Lazy<bool> Ready = new(Prepare);

    /// <summary>
    /// Reads the header of an image, without its pixels. A truncated or damaged file is rejected here or when the pixels are
    /// read.
    /// </summary>
    /// <exception cref="VipsException">The header can't be read.</exception>
    /// <exception cref="ImagingException">libvips can't be loaded.</exception>
    public static Image Open(byte[] data, SourceFormat format)
    {
        _ = Ready.Value;
        const Enums.Access Access = Enums.Access.Sequential;
        const Enums.FailOn FailOn = Enums.FailOn.Error;
        return format switch
        {
            SourceFormat.Png => Image.PngloadBuffer(data, access: Access, failOn: FailOn),
            SourceFormat.Jpeg => Image.JpegloadBuffer(data, access: Access, failOn: FailOn),
            SourceFormat.WebP => Image.WebploadBuffer(data, access: Access, failOn: FailOn),
            SourceFormat.Gif => Image.GifloadBuffer(data, access: Access, failOn: FailOn),
            _ => Image.TiffloadBuffer(data, access: Access, failOn: FailOn),
        };
    }

    /// <summary>Creates a libvips image from a copy of the pixels.</summary>
    /// <exception cref="ImagingException">libvips can't be loaded.</exception>
    public static Image FromRgb(RgbImage image)
    {
        _ = Ready.Value;
        return Image.NewFromMemoryCopy(image.Pixels, image.Width, image.Height, RgbImage.Channels, Enums.BandFormat.Uchar);
    }

    /// <summary>Creates a libvips image from a copy of the pixels and their alpha.</summary>
    /// <exception cref="ImagingException">libvips can't be loaded.</exception>
    public static Image FromRgba(RgbImage image)
    {
        _ = Ready.Value;
        const int Bands = RgbImage.Channels + 1;
        var pixels = new byte[checked(image.Width * image.Height * Bands)];
        for (int i = 0; i < image.Alpha.Length; i++)
        {
            image.Pixels.Slice(i * RgbImage.Channels, RgbImage.Channels).CopyTo(pixels.AsSpan(i * Bands));
            pixels[(i * Bands) + RgbImage.Channels] = image.Alpha[i];
        }

        using Image raw = Image.NewFromMemoryCopy<byte>(pixels, image.Width, image.Height, Bands, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    private static bool Prepare()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            throw new ImagingException(
                "libvips could not be loaded, so no image can be read or written; reference the package NetVips.Native.",
                ModuleInitializer.Exception ?? new DllNotFoundException("libvips"));
        }

        // Everything that matters is in the exceptions; the rest would appear on standard error.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, Silent);
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = Math.Min(MostThreads, Environment.ProcessorCount);
        NetVips.NetVips.BlockUntrusted = true;
        return true;
    }
}
