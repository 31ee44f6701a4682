using System.Buffers.Binary;
using System.Numerics;

namespace NexusGen.Imaging;

/// <summary>
/// Decodes Windows bitmaps, which libvips does not, as Pillow does: palettes of 1, 4 and 8 bits, run-length encoding, and 16, 24
/// and 32 bits with their masks. Alpha is dropped.
/// </summary>
internal sealed class BmpDecoder
{
    private const int FileHeader = 14, CoreHeader = 12;
    private const uint Rgb = 0, Rle8 = 1, Rle4 = 2, BitFields = 3, AlphaBitFields = 6;

    private readonly byte[] _data;
    private readonly string _name;
    private readonly int _start;
    private readonly int _bits;
    private readonly uint _compression;
    private readonly bool _topDown;
    private readonly byte[] _palette;
    private readonly uint[] _masks;

    /// <summary>Reads the headers.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="name">The name of the image in error messages, at the start of a sentence.</param>
    /// <exception cref="ImagingException">The file is truncated, damaged or of an unknown kind.</exception>
    public BmpDecoder(byte[] data, string name)
    {
        (_data, _name) = (data, name);
        int header = (int)Math.Min(UInt32(FileHeader), int.MaxValue / 2);
        bool core = header == CoreHeader;
        if (!core && header is < 40 or > 256)
        {
            throw Damaged();
        }

        Width = core ? UInt16(FileHeader + 4) : (int)UInt32(FileHeader + 4);
        int height = core ? UInt16(FileHeader + 6) : (int)UInt32(FileHeader + 8);
        _topDown = height < 0;
        Height = height == int.MinValue ? int.MaxValue : Math.Abs(height);
        _bits = UInt16(FileHeader + (core ? 10 : 14));
        _compression = core ? Rgb : UInt32(FileHeader + 16);
        if (Width < 1 || Height < 1)
        {
            throw Damaged();
        }

        bool known = (_compression, _bits) is (Rgb, 1 or 4 or 8 or 16 or 24 or 32) or (Rle8, 8) or (Rle4, 4)
            or (BitFields or AlphaBitFields, 16 or 24 or 32);
        if (!known)
        {
            throw new ImagingException(
                $"{name} is a BMP of {_bits} bits per pixel with the compression {_compression}, which can't be read; save it as "
                + "PNG.");
        }

        bool masked = _compression is BitFields or AlphaBitFields;
        int masks = FileHeader + 40;
        _masks = masked
            ? [UInt32(masks), UInt32(masks + 4), UInt32(masks + 8)]
            : _bits == 16 ? [0x7C00, 0x03E0, 0x001F] : [0xFF0000, 0xFF00, 0xFF];
        uint given = core ? 0 : UInt32(FileHeader + 32);
        int colors = _bits > 8 ? 0 : given is 0 or > 256 ? 1 << _bits : (int)given;

        // Where the pixels begin; some programs leave it out.
        int table = FileHeader + header + (masked && header == 40 ? 12 : 0);
        _start = (int)Math.Min(UInt32(10), int.MaxValue);
        _start = _start > 0 ? _start : table + (colors * (core ? 3 : 4));
        _palette = _bits <= 8 ? Palette(table, colors, core ? 3 : 4) : [];
    }

    /// <summary>Gets the width in pixels.</summary>
    public int Width { get; }

    /// <summary>Gets the height in pixels.</summary>
    public int Height { get; }

    /// <summary>Decodes the pixels. The caller has checked the size.</summary>
    /// <returns>Red, green and blue of each pixel, row after row from the top.</returns>
    /// <exception cref="ImagingException">The file is truncated or damaged.</exception>
    public byte[] Pixels()
    {
        byte[] indexes = _compression is Rle8 or Rle4 ? Runs() : [];
        byte[] rgb = new byte[checked(Width * Height * RgbImage.Channels)];
        int stride = checked((int)((((long)Width * _bits) + 31) / 32 * 4));
        if (indexes.Length == 0 && _start + ((long)stride * Height) > _data.Length)
        {
            throw Damaged();
        }

        for (int y = 0; y < Height; y++)
        {
            int row = _topDown ? y : Height - 1 - y;
            for (int x = 0; x < Width; x++)
            {
                Span<byte> pixel = rgb.AsSpan(((y * Width) + x) * RgbImage.Channels, RgbImage.Channels);
                int at = _start + (row * stride);
                if (_bits <= 8)
                {
                    int index = indexes.Length > 0 ? indexes[(row * Width) + x] : Index(at, x);
                    int entry = Math.Min(index * RgbImage.Channels, _palette.Length - RgbImage.Channels);
                    _palette.AsSpan(entry, RgbImage.Channels).CopyTo(pixel);
                    continue;
                }

                uint value = _bits switch
                {
                    16 => UInt16(at + (2 * x)),
                    24 => (uint)(_data[at + (3 * x)] | (_data[at + (3 * x) + 1] << 8) | (_data[at + (3 * x) + 2] << 16)),
                    _ => UInt32(at + (4 * x)),
                };
                for (int channel = 0; channel < RgbImage.Channels; channel++)
                {
                    pixel[channel] = Masked(value, _masks[channel]);
                }
            }
        }

        return rgb;
    }

    private static byte Masked(uint value, uint mask)
    {
        if (mask == 0)
        {
            return 0;
        }

        int shift = BitOperations.TrailingZeroCount(mask);
        return (byte)((ulong)((value & mask) >> shift) * 255 / (mask >> shift));
    }

    private int Index(int row, int x) => _bits switch
    {
        1 => (_data[row + (x / 8)] >> (7 - (x % 8))) & 1,
        4 => (_data[row + (x / 2)] >> (x % 2 == 0 ? 4 : 0)) & 15,
        _ => _data[row + x],
    };

    private byte[] Palette(int place, int colors, int size)
    {
        // A palette may be shorter than its index range; the pixels begin after it.
        int stored = Math.Min(colors, (Math.Min(_start, _data.Length) - place) / size);
        if (stored < 1)
        {
            throw Damaged();
        }

        byte[] palette = new byte[stored * RgbImage.Channels];
        for (int i = 0; i < stored; i++)
        {
            for (int channel = 0; channel < RgbImage.Channels; channel++)
            {
                palette[(i * RgbImage.Channels) + channel] = _data[place + (i * size) + 2 - channel];
            }
        }

        return palette;
    }

    // Indexes of the palette, from the bottom row up; pixels that no run sets are 0.
    private byte[] Runs()
    {
        byte[] indexes = new byte[checked(Width * Height)];
        int at = _start;
        int x = 0, y = 0;
        while (y < Height)
        {
            int count = Byte(at), value = Byte(at + 1);
            at += 2;
            if (count > 0)
            {
                for (int i = 0; i < count; i++)
                {
                    Set(_bits == 8 ? value : (value >> (i % 2 == 0 ? 4 : 0)) & 15);
                }
            }
            else if (value == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == 1)
            {
                break;
            }
            else if (value == 2)
            {
                (x, y) = (x + Byte(at), y + Byte(at + 1));
                at += 2;
            }
            else
            {
                for (int i = 0; i < value; i++)
                {
                    Set(_bits == 8 ? Byte(at + i) : (Byte(at + (i / 2)) >> (i % 2 == 0 ? 4 : 0)) & 15);
                }

                int bytes = _bits == 8 ? value : (value + 1) / 2;
                at += bytes + (bytes % 2);
            }
        }

        return indexes;

        void Set(int index)
        {
            if (x < Width && y < Height)
            {
                indexes[(y * Width) + x] = (byte)index;
            }

            x++;
        }
    }

    private byte Byte(int at) => at < _data.Length ? _data[at] : throw Damaged();

    private ushort UInt16(int at) => at <= _data.Length - 2
        ? BinaryPrimitives.ReadUInt16LittleEndian(_data.AsSpan(at))
        : throw Damaged();

    private uint UInt32(int at) => at <= _data.Length - 4
        ? BinaryPrimitives.ReadUInt32LittleEndian(_data.AsSpan(at))
        : throw Damaged();

    private ImagingException Damaged() => ImageDecoder.Damaged(_name, SourceFormat.Bmp);
}
