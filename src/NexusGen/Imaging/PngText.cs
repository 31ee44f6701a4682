using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace NexusGen.Imaging;

/// <summary>
/// Parameters in the text chunks of a PNG: tEXt for plain ASCII, iTXt (UTF-8) otherwise. Written before the pixel data, so a
/// reader finds them without passing it.
/// </summary>
internal static class PngText
{
    private const int SignatureLength = 8;
    private const int ChunkOverhead = 12;
    private const int HeaderLength = SignatureLength + ChunkOverhead + 13;

    /// <summary>The maximum size of all decompressed texts of a file together, in bytes.</summary>
    private const int MaxInflated = 1 << 24;

    /// <summary>Returns the file with a chunk for each parameter after the header.</summary>
    public static byte[] Insert(byte[] png, IReadOnlyDictionary<string, string> parameters)
    {
        if (parameters.Count == 0)
        {
            return png;
        }

        using var result = new MemoryStream(png.Length + 1024);
        result.Write(png, 0, HeaderLength);
        foreach ((string key, string value) in parameters)
        {
            bool plain = Ascii.IsValid(value) && !value.Contains('\0', StringComparison.Ordinal);
            byte[] name = Encoding.Latin1.GetBytes(key);

            // In iTXt, the name is followed by: not compressed, no method, no language, no translated name.
            byte[] content = plain
                ? [.. name, 0, .. Encoding.ASCII.GetBytes(value)]
                : [.. name, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(value)];
            WriteChunk(result, plain ? "tEXt"u8 : "iTXt"u8, content);
        }

        result.Write(png, HeaderLength, png.Length - HeaderLength);
        return result.ToArray();
    }

    /// <summary>
    /// Reads all texts of a file, whichever program wrote them. The first of several texts with the same name wins. Stops at a
    /// damaged chunk.
    /// </summary>
    public static Dictionary<string, string> Read(ReadOnlySpan<byte> png)
    {
        Dictionary<string, string> texts = [];
        int inflated = 0;
        for (int at = SignatureLength; NextChunk(png, at) is { } end; at = end)
        {
            ReadOnlySpan<byte> type = TypeAt(png, at), content = png[(at + 8)..(end - 4)];
            if (Text(type, content, ref inflated) is (string key, string value))
            {
                texts.TryAdd(key, value);
            }
        }

        return texts;
    }

    /// <summary>Returns the file without its texts. What follows a damaged chunk is kept as it is.</summary>
    public static byte[] Remove(ReadOnlySpan<byte> png)
    {
        using var result = new MemoryStream(png.Length);
        int at = Math.Min(SignatureLength, png.Length);
        result.Write(png[..at]);
        for (; NextChunk(png, at) is { } end; at = end)
        {
            ReadOnlySpan<byte> type = TypeAt(png, at);
            if (!type.SequenceEqual("tEXt"u8) && !type.SequenceEqual("zTXt"u8) && !type.SequenceEqual("iTXt"u8))
            {
                result.Write(png[at..end]);
            }
        }

        result.Write(png[at..]);
        return result.ToArray();
    }

    // The position after the chunk at a position, or null if there is no complete one.
    private static int? NextChunk(ReadOnlySpan<byte> png, int at)
    {
        if (png.Length - at < ChunkOverhead)
        {
            return null;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
        return length <= png.Length - at - ChunkOverhead ? at + ChunkOverhead + (int)length : null;
    }

    private static ReadOnlySpan<byte> TypeAt(ReadOnlySpan<byte> png, int at) => png.Slice(at + 4, 4);

    private static (string Key, string Value)? Text(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content, ref int inflated)
    {
        int end = content.IndexOf((byte)0);
        if (end < 1)
        {
            return null;
        }

        string key = Encoding.Latin1.GetString(content[..end]);
        ReadOnlySpan<byte> rest = content[(end + 1)..];
        if (type.SequenceEqual("tEXt"u8))
        {
            return (key, Encoding.Latin1.GetString(rest));
        }

        if (type.SequenceEqual("zTXt"u8))
        {
            return rest is [0, ..] && Inflate(rest[1..], ref inflated) is { } text
                ? (key, Encoding.Latin1.GetString(text))
                : null;
        }

        if (!type.SequenceEqual("iTXt"u8) || rest is not [var compressed, 0, ..])
        {
            return null;
        }

        int language = rest[2..].IndexOf((byte)0);
        int translated = language < 0 ? -1 : rest[(language + 3)..].IndexOf((byte)0);
        if (translated < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> value = rest[(language + translated + 4)..];
        byte[]? utf8 = compressed == 0 ? value.ToArray() : Inflate(value, ref inflated);
        return utf8 is null ? null : (key, Encoding.UTF8.GetString(utf8));
    }

    private static byte[]? Inflate(ReadOnlySpan<byte> data, ref int inflated)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(data.ToArray()), CompressionMode.Decompress);
            using var result = new MemoryStream();
            var buffer = new byte[8192];
            for (int count; (count = zlib.Read(buffer)) > 0;)
            {
                inflated += count;
                if (inflated > MaxInflated)
                {
                    return null;
                }

                result.Write(buffer, 0, count);
            }

            return result.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        stream.Write(number);
    }
}
