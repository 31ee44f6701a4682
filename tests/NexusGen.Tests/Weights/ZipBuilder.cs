using System.Text;

namespace NexusGen.Tests.Weights;

/// <summary>
/// Writes zip archives as PyTorch does: uncompressed, with data aligned to 64 bytes, zip64 if needed, and sparse if entries are
/// zeros.
/// </summary>
internal static class ZipBuilder
{
    private const int Alignment = 64;

    public static void Write(string path, IEnumerable<ZipRecord> records, bool zip64 = false)
    {
        using FileStream stream = new(path, FileMode.Create);
        using BinaryWriter writer = new(stream);
        List<(ZipRecord Record, long Start)> written = [];
        foreach (ZipRecord record in records)
        {
            written.Add((record, stream.Position));
            WriteEntry(writer, record);
        }

        long directory = stream.Position;
        foreach ((ZipRecord record, long start) in written)
        {
            WriteCentral(writer, record, record.ClaimedStart ?? start, zip64);
        }

        WriteEnd(writer, written.Count, directory, stream.Position - directory, zip64 || directory >= uint.MaxValue);
    }

    private static void WriteEntry(BinaryWriter writer, ZipRecord record)
    {
        byte[] name = Encoding.UTF8.GetBytes(record.LocalName ?? record.Name);
        long length = record.Bytes.Length + record.Zeros;
        long unpadded = writer.BaseStream.Position + 30 + name.Length + 4;
        int padding = (int)((Alignment - (unpadded % Alignment)) % Alignment);
        writer.Write(0x04034B50u);
        WriteCommon(writer, record, length, length);
        writer.Write((ushort)name.Length);
        writer.Write((ushort)(4 + padding));
        writer.Write(name);
        writer.Write("FB"u8);
        writer.Write((ushort)padding);
        writer.Write(new byte[padding]);
        writer.Write(record.Bytes);
        writer.Flush();
        if (record.Zeros > 0)
        {
            writer.BaseStream.SetLength(writer.BaseStream.Position + record.Zeros);
            writer.BaseStream.Seek(0, SeekOrigin.End);
        }
    }

    private static void WriteCentral(BinaryWriter writer, ZipRecord record, long start, bool zip64)
    {
        byte[] name = Encoding.UTF8.GetBytes(record.Name);
        long length = record.ClaimedLength ?? (record.Bytes.Length + record.Zeros);
        bool wideLength = zip64 || length >= uint.MaxValue;
        bool wideStart = zip64 || start >= uint.MaxValue;
        int extra = (wideLength ? 16 : 0) + (wideStart ? 8 : 0);
        writer.Write(0x02014B50u);
        writer.Write((ushort)45);
        WriteCommon(writer, record, wideLength ? uint.MaxValue : length, wideLength ? uint.MaxValue : length);
        writer.Write((ushort)name.Length);
        writer.Write((ushort)(extra > 0 ? extra + 4 : 0));
        writer.Write(new byte[10]);
        writer.Write(wideStart ? uint.MaxValue : (uint)start);
        writer.Write(name);
        if (extra > 0)
        {
            writer.Write((ushort)1);
            writer.Write((ushort)extra);
        }

        if (wideLength)
        {
            writer.Write(length);
            writer.Write(length);
        }

        if (wideStart)
        {
            writer.Write(start);
        }
    }

    private static void WriteCommon(BinaryWriter writer, ZipRecord record, long packed, long length)
    {
        writer.Write((ushort)45);
        writer.Write(record.Flags);
        writer.Write(record.Method);
        writer.Write(0u);
        writer.Write(0u);
        writer.Write((uint)Math.Min(packed, uint.MaxValue));
        writer.Write((uint)Math.Min(length, uint.MaxValue));
    }

    private static void WriteEnd(BinaryWriter writer, long count, long start, long length, bool zip64)
    {
        if (zip64)
        {
            long at = writer.BaseStream.Position;
            writer.Write(0x06064B50u);
            writer.Write(44L);
            writer.Write(45);
            writer.Write(0L);
            writer.Write(count);
            writer.Write(count);
            writer.Write(length);
            writer.Write(start);
            writer.Write(0x07064B50u);
            writer.Write(0u);
            writer.Write(at);
            writer.Write(1u);
        }

        writer.Write(0x06054B50u);
        writer.Write(0u);
        writer.Write((ushort)Math.Min(count, ushort.MaxValue));
        writer.Write((ushort)Math.Min(count, ushort.MaxValue));
        writer.Write((uint)length);
        writer.Write(zip64 ? uint.MaxValue : (uint)start);
        writer.Write((ushort)0);
    }
}
