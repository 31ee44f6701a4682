using System.Buffers.Binary;
using System.Globalization;

namespace NexusGen.Imaging;

/// <summary>
/// Reads from the directory of a TIFF or BigTIFF how its pixels are stored. The kinds that Pillow reads and libvips can't decode,
/// or decodes to other colors, are refused by name.
/// </summary>
internal sealed class TiffKind
{
    private const int BitsPerSample = 258, Compression = 259, Photometric = 262, SampleFormat = 339;
    private const int Unsigned = 1, Signed = 2, Floating = 3;

    private readonly byte[] _data;
    private readonly bool _bigEndian;
    private readonly bool _bigTiff;
    private readonly Dictionary<int, int[]> _fields = [];

    private TiffKind(byte[] data)
    {
        _data = data;
        _bigEndian = data[0] == (byte)'M';
        _bigTiff = UInt16(2) == 43;
        ReadDirectory();
    }

    private int Method => First(Compression, 1);

    private int Color => First(Photometric, 1);

    private int Bits => First(BitsPerSample, 1);

    // 4 means that the format of the samples is unknown, which readers take for the default.
    private int Format => First(SampleFormat, Unsigned) is var format and not 4 ? format : Unsigned;

    /// <summary>Checks that the pixels can be decoded.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="name">The name of the image in error messages, at the start of a sentence.</param>
    /// <exception cref="ImagingException">The file has another compression, color space or depth.</exception>
    public static void Check(byte[] data, string name)
    {
        string? reason;
        try
        {
            reason = new TiffKind(data).Unsupported();
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or IndexOutOfRangeException)
        {
            // A truncated or damaged directory: libvips says so.
            return;
        }

        if (reason is not null)
        {
            throw new ImagingException(
                $"{name} is a TIFF with {reason}, which can't be read; save it with 8 bits per channel as PNG, or as TIFF with "
                + "the compression LZW or deflate.");
        }
    }

    private string? Unsupported() => this switch
    {
        { Method: not (1 or 2 or 3 or 4 or 5 or 7 or 8 or 32771 or 32773 or 32946 or 50001) } =>
            $"the compression {CompressionName(Method)}",
        { Color: 6, Method: not 7 } => "the color space YCbCr without JPEG compression",
        { Color: not (0 or 1 or 2 or 3 or 5 or 6) } => $"the color space {ColorName(Color)}",
        _ when _fields.TryGetValue(BitsPerSample, out int[]? bits) && bits.Any(each => each != bits[0]) =>
            $"channels of {string.Join(", ", bits)} bits",
        _ when !IsDepth() => $"{Bits} bits per channel{FormatName()}",
        _ => null,
    };

    private bool IsDepth() => (Color, Format) switch
    {
        (0 or 1, Unsigned) => Bits is 1 or 2 or 4 or 8 or 16 or 32,
        (0 or 1, Signed) => Bits is 16 or 32,
        (0 or 1, Floating) => Bits is 32,
        (3, Unsigned) => Bits is 1 or 2 or 4 or 8,
        (6, Unsigned) => Bits is 8,
        (_, Unsigned) => Bits is 8 or 16,
        _ => false,
    };

    private string FormatName()
    {
        string format = Format switch
        {
            Unsigned => "",
            Signed => " (signed)",
            Floating => " (floating-point)",
            _ => " (complex)",
        };
        return format + (Color == 3 ? " in a palette" : Color == 2 ? " in RGB" : "");
    }

    private static string CompressionName(int number) => number switch
    {
        6 => "old-style JPEG (6)",
        32809 => "ThunderScan (32809)",
        32909 => "PixarLog (32909)",
        34661 => "JBIG (34661)",
        34676 or 34677 => $"SGI Log ({number})",
        33003 or 33004 or 33005 or 34712 => $"JPEG 2000 ({number})",
        34887 => "LERC (34887)",
        34925 => "LZMA (34925)",
        50000 => "Zstandard (50000)",
        50002 or 52546 => $"JPEG XL ({number})",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    private static string ColorName(int number) => number switch
    {
        4 => "transparency mask (4)",
        8 => "CIELab (8)",
        9 => "ICCLab (9)",
        10 => "ITULab (10)",
        32803 => "color filter array (32803)",
        32844 or 32845 => $"LogLuv ({number})",
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    private int First(int tag, int otherwise) => _fields.TryGetValue(tag, out int[]? values) ? values[0] : otherwise;

    private void ReadDirectory()
    {
        int at = checked((int)(_bigTiff ? UInt64(8) : UInt32(4)));
        ulong count = _bigTiff ? UInt64(at) : UInt16(at);
        at = checked(at + (_bigTiff ? 8 : 2));
        for (ulong i = 0; i < count; i++, at = checked(at + (_bigTiff ? 20 : 12)))
        {
            int tag = UInt16(at);
            // All four are lists of 16-bit numbers, but readers accept any type of integer.
            int width = UInt16(at + 2) switch { 1 or 6 => 1, 3 or 8 => 2, 4 or 9 => 4, 16 or 17 => 8, _ => 0 };
            if (tag is not (BitsPerSample or Compression or Photometric or SampleFormat) || width == 0)
            {
                continue;
            }

            // The values are in the entry itself if they fit.
            int values = checked((int)(_bigTiff ? UInt64(at + 4) : UInt32(at + 4)));
            int start = at + (_bigTiff ? 12 : 8);
            if (width * (long)values > (_bigTiff ? 8 : 4))
            {
                start = checked((int)(_bigTiff ? UInt64(start) : UInt32(start)));
            }

            if (values > 0)
            {
                _fields[tag] = [.. Enumerable.Range(0, Math.Min(values, 16)).Select(j => Number(start + (width * j), width))];
            }
        }
    }

    private int Number(int at, int width) => width switch
    {
        1 => _data[at],
        2 => UInt16(at),
        4 => checked((int)UInt32(at)),
        _ => checked((int)UInt64(at)),
    };

    private ushort UInt16(int at) => _bigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(_data.AsSpan(at))
        : BinaryPrimitives.ReadUInt16LittleEndian(_data.AsSpan(at));

    private uint UInt32(int at) => _bigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(_data.AsSpan(at))
        : BinaryPrimitives.ReadUInt32LittleEndian(_data.AsSpan(at));

    private ulong UInt64(int at) => _bigEndian
        ? BinaryPrimitives.ReadUInt64BigEndian(_data.AsSpan(at))
        : BinaryPrimitives.ReadUInt64LittleEndian(_data.AsSpan(at));
}
