using System.Buffers.Binary;

namespace NexusGen.Imaging;

/// <summary>Reads single values of the first directory of a TIFF file that libvips does not tell.</summary>
internal static class TiffTag
{
    private const int Short = 3, MostEntries = 4096;

    /// <summary>Returns the first value of a tag of 16-bit numbers, or null if the file does not have it.</summary>
    /// <param name="data">The file, classic or BigTIFF.</param>
    /// <param name="tag">The number of the tag.</param>
    public static int? First(ReadOnlySpan<byte> data, int tag)
    {
        bool little = data.Length > 0 && data[0] == (byte)'I';
        bool big = Number(data, 2, 2, little) == 43;
        int wide = big ? 8 : 4;
        if (Number(data, big ? 8 : 4, wide, little) is not { } directory
            || Number(data, directory, big ? 8 : 2, little) is not { } count)
        {
            return null;
        }

        long entry = directory + (big ? 8 : 2), length = big ? 20 : 12;
        for (int i = 0; i < Math.Min(count, MostEntries); i++, entry += length)
        {
            if (Number(data, entry, 2, little) == tag && Number(data, entry + 2, 2, little) == Short
                && Number(data, entry + 4, wide, little) is > 0 and long values)
            {
                long value = entry + 4 + wide;
                return (int?)(2 * values <= wide
                    ? Number(data, value, 2, little)
                    : Number(data, value, wide, little) is { } offset ? Number(data, offset, 2, little) : null);
            }
        }

        return null;
    }

    private static long? Number(ReadOnlySpan<byte> data, long offset, int length, bool little)
    {
        if (offset < 0 || offset > data.Length - length)
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = data.Slice((int)offset, length);
        return (length, little) switch
        {
            (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            (4, false) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            (_, true) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            _ => BinaryPrimitives.ReadInt64BigEndian(bytes),
        };
    }
}
