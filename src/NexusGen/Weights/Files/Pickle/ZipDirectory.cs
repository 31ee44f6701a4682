using System.Buffers.Binary;
using System.Text;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// The directory of a zip archive as PyTorch writes it: uncompressed entries, with zip64 if the archive is large. Only the
/// directory and the small headers before the entries are read. Anything that two readers could interpret differently is refused:
/// compressed or encrypted entries, duplicate or unusual names, entries that overlap or disagree with their headers. The format
/// is specified in PKWARE's APPNOTE.TXT.
/// </summary>
internal sealed class ZipDirectory
{
    private const int MaxEntries = 2_000_000;
    private const long MaxDirectoryBytes = 256 << 20;
    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int End64Bytes = 56;
    private const int LocalBytes = 30;
    private const int CentralBytes = 46;
    private const uint Whole32 = 0xFFFFFFFF;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly WeightFile _file;
    private readonly OrderedDictionary<string, ZipEntry> _entries = new(StringComparer.Ordinal);

    private ZipDirectory(WeightFile file) => _file = file;

    /// <summary>Gets the entries by name, in the order of the directory.</summary>
    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    /// <summary>Reads and checks the directory of an archive.</summary>
    /// <param name="file">The archive.</param>
    /// <exception cref="WeightFileException">The archive is truncated, malformed or malicious.</exception>
    public static ZipDirectory Read(WeightFile file)
    {
        var directory = new ZipDirectory(file);
        (long start, long length, long count) = directory.FindDirectory();
        directory.ReadEntries(start, length, count);
        return directory;
    }

    private (long Start, long Length, long Count) FindDirectory()
    {
        int tailLength = (int)Math.Min(_file.Length, EndBytes + ushort.MaxValue);
        byte[] tail = _file.ReadBytes(_file.Length - tailLength, tailLength);
        int at = tailLength - EndBytes;
        while (at >= 0 && !(U32(tail, at) == 0x06054B50 && U16(tail, at + 20) == tailLength - at - EndBytes))
        {
            at--;
        }

        if (at < 0)
        {
            throw Refuse("has no directory at its end: it is truncated; download it again");
        }

        long endAt = _file.Length - tailLength + at;
        long count = U16(tail, at + 10);
        long length = U32(tail, at + 12);
        long start = U32(tail, at + 16);
        bool oneDisk = U16(tail, at + 4) is 0 or ushort.MaxValue && U16(tail, at + 6) is 0 or ushort.MaxValue;
        byte[]? end64 = FindEnd64(endAt, out long end64At);
        if (end64 is not null)
        {
            oneDisk &= U32(end64, 16) == 0 && U32(end64, 20) == 0 && I64(end64, 24) == I64(end64, 32);
            (count, length, start, endAt) = (I64(end64, 32), I64(end64, 40), I64(end64, 48), end64At);
        }
        else if (count == ushort.MaxValue || length == Whole32 || start == Whole32)
        {
            throw Refuse("lacks the zip64 record that its directory refers to");
        }

        if (!oneDisk)
        {
            throw Refuse("is one part of a multi-part archive");
        }

        if (count is < 0 or > MaxEntries || length is < 0 or > MaxDirectoryBytes || length < count * CentralBytes)
        {
            throw Refuse($"claims a directory of {count} entries in {length} bytes, which is impossible");
        }

        return start >= 0 && start == endAt - length
            ? (start, length, count)
            : throw Refuse(
                $"claims a directory at byte {start}, where there is none: it is truncated or damaged; download it again");
    }

    private byte[]? FindEnd64(long endAt, out long end64At)
    {
        end64At = 0;
        if (endAt < LocatorBytes + End64Bytes)
        {
            return null;
        }

        byte[] locator = _file.ReadBytes(endAt - LocatorBytes, LocatorBytes);
        if (U32(locator, 0) != 0x07064B50)
        {
            return null;
        }

        end64At = I64(locator, 8);
        if (end64At < 0 || end64At > endAt - LocatorBytes - End64Bytes)
        {
            throw Refuse("has a zip64 locator that points outside of it");
        }

        byte[] end64 = _file.ReadBytes(end64At, End64Bytes);
        return U32(end64, 0) == 0x06064B50 ? end64 : throw Refuse("has a zip64 locator that points to no zip64 record");
    }

    private void ReadEntries(long start, long length, long count)
    {
        byte[] directory = _file.ReadBytes(start, (int)length);
        int at = 0;
        List<(long Start, ZipEntry Entry)> spans = new((int)count);
        for (long i = 0; i < count; i++)
        {
            if (at > directory.Length - CentralBytes || U32(directory, at) != 0x02014B50)
            {
                throw Refuse($"has a directory that ends at entry {i}");
            }

            int nameLength = U16(directory, at + 28);
            int extraLength = U16(directory, at + 30);
            int next = at + CentralBytes + nameLength + extraLength + U16(directory, at + 32);
            if (next > directory.Length)
            {
                throw Refuse($"has a directory that ends at entry {i}");
            }

            spans.Add(ReadEntry(directory.AsSpan(at, next - at), nameLength, extraLength, start));
            at = next;
        }

        if (at != directory.Length)
        {
            throw Refuse("has data after the entries of its directory");
        }

        spans.Sort((a, b) => a.Start.CompareTo(b.Start));
        for (int i = 1; i < spans.Count; i++)
        {
            if (spans[i].Start < spans[i - 1].Entry.Offset + spans[i - 1].Entry.Length)
            {
                throw Refuse($"has entries that overlap, {spans[i - 1].Entry.Name} and {spans[i].Entry.Name}");
            }
        }
    }

    private (long Start, ZipEntry Entry) ReadEntry(
        ReadOnlySpan<byte> record, int nameLength, int extraLength, long directoryStart)
    {
        ReadOnlySpan<byte> rawName = record.Slice(CentralBytes, nameLength);
        string name = CheckName(rawName);
        if ((U16(record, 8) & 0x2041) != 0)
        {
            throw Refuse($"has an encrypted entry, {name}");
        }

        if (U16(record, 10) != 0)
        {
            throw Refuse($"has a compressed entry, {name}, although PyTorch stores entries uncompressed");
        }

        long packed = U32(record, 20);
        long length = U32(record, 24);
        long start = U32(record, 42);
        ReadZip64(record.Slice(CentralBytes + nameLength, extraLength), name, ref length, ref packed, ref start);
        if (packed != length || length < 0 || start < 0 || start > directoryStart - LocalBytes - nameLength)
        {
            throw Refuse($"has an entry with an impossible size or position, {name}");
        }

        byte[] local = _file.ReadBytes(start, LocalBytes + nameLength);
        bool same = U32(local, 0) == 0x04034B50 && U16(local, 8) == 0 && U16(local, 26) == nameLength
            && rawName.SequenceEqual(local.AsSpan(LocalBytes));
        if (!same)
        {
            throw Refuse($"has a directory that disagrees with the entry {name}");
        }

        long offset = start + LocalBytes + nameLength + U16(local, 28);
        if (offset > directoryStart || length > directoryStart - offset)
        {
            throw Refuse($"has an entry that reaches beyond its end, {name}");
        }

        var entry = new ZipEntry(name, offset, length);
        return _entries.TryAdd(name, entry) ? (start, entry) : throw Refuse($"has two entries with the name {name}");
    }

    // The 64-bit fields come in this order, each present only if the 32-bit field has its maximum value.
    private void ReadZip64(ReadOnlySpan<byte> extra, string name, ref long length, ref long packed, ref long start)
    {
        if (length != Whole32 && packed != Whole32 && start != Whole32)
        {
            return;
        }

        while (extra.Length >= 4)
        {
            int size = U16(extra, 2);
            if (size > extra.Length - 4)
            {
                break;
            }

            if (U16(extra, 0) == 1)
            {
                ReadOnlySpan<byte> fields = extra.Slice(4, size);
                if (TryWiden(ref fields, ref length) && TryWiden(ref fields, ref packed) && TryWiden(ref fields, ref start))
                {
                    return;
                }

                break;
            }

            extra = extra[(4 + size)..];
        }

        throw Refuse($"has an entry without its zip64 sizes, {name}");

        static bool TryWiden(ref ReadOnlySpan<byte> fields, ref long value)
        {
            if (value != Whole32)
            {
                return true;
            }

            if (fields.Length < 8)
            {
                return false;
            }

            value = I64(fields, 0);
            fields = fields[8..];
            return true;
        }
    }

    private string CheckName(ReadOnlySpan<byte> raw)
    {
        string name;
        try
        {
            name = Strict.GetString(raw);
        }
        catch (DecoderFallbackException e)
        {
            throw new WeightFileException($"The archive {_file.Path} has an entry whose name is not valid UTF-8.", e);
        }

        bool inside = name.Length > 0 && name[0] != '/' && !name.Split('/').Contains("..");
        bool plain = inside && name.AsSpan().IndexOfAny("\\:\0") < 0;
        return plain ? name : throw Refuse($"has an entry whose name is not a plain relative path, \"{name}\"");
    }

    private WeightFileException Refuse(string what) => new($"The archive {_file.Path} {what}.");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
