namespace NexusGen.Imaging;

/// <summary>
/// The first frame of a GIF as Pillow reads it. Pixels that the frame leaves out or makes transparent have the color of the
/// transparent palette entry, or of entry 0 if there is none; libvips decodes them as black.
/// </summary>
/// <param name="Left">The first column of the frame.</param>
/// <param name="Top">The first row of the frame.</param>
/// <param name="Width">The columns of the frame.</param>
/// <param name="Height">The rows of the frame.</param>
/// <param name="Color">The color of the other pixels.</param>
internal readonly record struct GifFrame(int Left, int Top, int Width, int Height, (byte Red, byte Green, byte Blue) Color)
{
    private const int ScreenEnd = 13, DescriptorLength = 10;
    private const byte Extension = 0x21, GraphicControl = 0xF9, ImageDescriptor = 0x2C, HasTable = 0x80;

    /// <summary>Reads the first frame's description.</summary>
    /// <param name="data">The file, which libvips has accepted.</param>
    public static GifFrame Of(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> table = Table(data, ScreenEnd, At(data, 10));
        int position = ScreenEnd + table.Length, entry = 0;
        while (At(data, position) == Extension)
        {
            if (At(data, position + 1) == GraphicControl && (At(data, position + 3) & 1) == 1)
            {
                entry = At(data, position + 6);
            }

            position = AfterBlocks(data, position + 2);
        }

        if (At(data, position) != ImageDescriptor)
        {
            return new GifFrame(0, 0, int.MaxValue, int.MaxValue, ColorOf(table, entry));
        }

        ReadOnlySpan<byte> own = Table(data, position + DescriptorLength, At(data, position + DescriptorLength - 1));
        return new GifFrame(
            Short(data, position + 1),
            Short(data, position + 3),
            Short(data, position + 5),
            Short(data, position + 7),
            ColorOf(own.IsEmpty ? table : own, entry));
    }

    /// <summary>Gives the other pixels their color.</summary>
    /// <param name="rgb">The decoded pixels.</param>
    /// <param name="alpha">Their alpha.</param>
    /// <param name="width">The columns of the image.</param>
    public void Fill(byte[] rgb, byte[] alpha, int width)
    {
        for (int i = 0; i < alpha.Length; i++)
        {
            int x = (i % width) - Left, y = (i / width) - Top;
            if (alpha[i] == 0 || x < 0 || x >= Width || y < 0 || y >= Height)
            {
                (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]) = Color;
            }
        }
    }

    private static int At(ReadOnlySpan<byte> data, int position) => position < data.Length ? data[position] : 0;

    private static int Short(ReadOnlySpan<byte> data, int position) => At(data, position) | (At(data, position + 1) << 8);

    private static ReadOnlySpan<byte> Table(ReadOnlySpan<byte> data, int start, int flags)
    {
        int length = (flags & HasTable) == 0 ? 0 : 3 << ((flags & 7) + 1);
        return start + length <= data.Length ? data.Slice(start, length) : default;
    }

    private static int AfterBlocks(ReadOnlySpan<byte> data, int position)
    {
        while (At(data, position) is > 0 and int length)
        {
            position += 1 + length;
        }

        return position + 1;
    }

    // Entries that the file lacks are a ramp of grays.
    private static (byte Red, byte Green, byte Blue) ColorOf(ReadOnlySpan<byte> table, int entry) =>
        (3 * entry) + 2 < table.Length
            ? (table[3 * entry], table[(3 * entry) + 1], table[(3 * entry) + 2])
            : ((byte)entry, (byte)entry, (byte)entry);
}
