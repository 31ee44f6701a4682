using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace NexusGen.Worlds.Rendering;

/// <summary>A minimal PNG writer (8-bit RGB, one IDAT chunk), so that the world needs no library of images.</summary>
public static class PngEncoder
{
    /// <summary>A picture as the bytes of a PNG file.</summary>
    /// <param name="picture">The picture.</param>
    /// <returns>The file's bytes.</returns>
    public static byte[] Encode(Picture picture)
    {
        using MemoryStream file = new();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        header[8] = 8;
        header[9] = 2;
        header[10..].Clear();
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(picture));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    // Each row is filtered by what is above it: rows of flat colour become zeros.
    private static byte[] Compress(Picture picture)
    {
        int stride = 3 * picture.Width;
        byte[] line = new byte[1 + stride];
        using MemoryStream packed = new();
        using (ZLibStream deflate = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < picture.Height; y++)
            {
                ReadOnlySpan<byte> row = picture.Rgb.AsSpan(y * stride, stride);
                line[0] = (byte)(y == 0 ? 0 : 2);
                row.CopyTo(line.AsSpan(1));
                for (int i = 0; y > 0 && i < stride; i++)
                {
                    line[1 + i] -= picture.Rgb[(y - 1) * stride + i];
                }

                deflate.Write(line);
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(type);
        file.Write(data);
        Crc32 checksum = new();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, checksum.GetCurrentHashAsUInt32());
        file.Write(word);
    }
}
