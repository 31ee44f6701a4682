using System.Buffers.Binary;
using System.IO.Compression;

namespace NexusGen.Worlds.Rendering;

/// <summary>
/// A minimal PNG reader (8-bit RGB or RGBA, not interlaced), the counterpart of <see cref="PngEncoder"/>, for the embedded sheets
/// of sprites. It trusts its input: checksums are not verified.
/// </summary>
internal static class PngDecoder
{
    private const int Signature = 8;
    private const int ChunkHeader = 8;
    private const int Checksum = 4;

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <returns>The width, the number of channels (3 or 4) and the pixels, row by row.</returns>
    /// <exception cref="InvalidDataException">The file is of another kind.</exception>
    public static (int Width, int Channels, byte[] Pixels) Decode(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> header = file[(Signature + ChunkHeader)..];
        int width = BinaryPrimitives.ReadInt32BigEndian(header), height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        int channels = (header[8], header[9], header[12]) switch
        {
            (8, 2, 0) => 3,
            (8, 6, 0) => 4,
            _ => throw new InvalidDataException("Only PNG files of 8-bit RGB or RGBA without interlacing can be read."),
        };
        using ZLibStream inflate = new(Data(file), CompressionMode.Decompress);
        int stride = channels * width;
        byte[] pixels = new byte[stride * height];
        byte[] above = new byte[stride];
        for (int y = 0; y < height; y++)
        {
            int filter = inflate.ReadByte();
            Span<byte> row = pixels.AsSpan(y * stride, stride);
            inflate.ReadExactly(row);
            Unfilter(filter, row, above, channels);
            row.CopyTo(above);
        }

        return (width, channels, pixels);
    }

    private static MemoryStream Data(ReadOnlySpan<byte> file)
    {
        MemoryStream data = new();
        for (int at = Signature; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file[at..]);
            if (file.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                data.Write(file.Slice(at + ChunkHeader, length));
            }

            at += ChunkHeader + length + Checksum;
        }

        data.Position = 0;
        return data;
    }

    // The five filters of the PNG specification, section 9.
    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int channels)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < channels ? 0 : row[i - channels];
            int corner = i < channels ? 0 : above[i - channels];
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], corner),
                _ => 0,
            });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        (int a, int b, int c) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }
}
