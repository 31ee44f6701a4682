using System.Buffers.Binary;
using System.Text;
using NexusGen.Core;

namespace NexusGen.Weights.Files.Gguf;

/// <summary>
/// Reads the values of a GGUF header one after the other. A count or a length that the rest of the file can't hold is refused
/// before memory is allocated for it. Numbers are little-endian.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class GgufReader(WeightFile file)
{
    /// <summary>The largest header that is read. Vocabularies take some 10 MB.</summary>
    public const long MaxBytes = 512_000_000;

    private const int MaxDepth = 4, Shown = 100;

    private readonly long _end = Math.Min(file.Length, MaxBytes);
    private byte[] _buffer = [];
    private long _bufferStart;

    /// <summary>Gets the offset of the next byte.</summary>
    public long Position { get; private set; }

    /// <summary>Gets the number of bytes that the rest of the header can have.</summary>
    public long Left => _end - Position;

    /// <summary>Reads a number of 32 bits.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Reads a number of 64 bits.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>Reads a count of items and checks it against the length of the file.</summary>
    /// <param name="what">The items, for messages.</param>
    /// <param name="leastBytes">The least number of bytes of an item.</param>
    public int ReadCount(string what, int leastBytes)
    {
        ulong count = ReadUInt64();
        return count <= (ulong)(Left / leastBytes) && count <= (ulong)Array.MaxLength
            ? (int)count
            : throw Refuse($"The file {file.Path} claims {count} {what}, more than its {file.Length} bytes can hold: "
                + "it is truncated or damaged; download it again.");
    }

    /// <summary>Reads a string. Bytes that are not UTF-8 are replaced.</summary>
    /// <param name="what">What the string is, for messages.</param>
    public string ReadString(string what)
    {
        ulong length = ReadUInt64();
        return length <= (ulong)Left && length <= (ulong)Array.MaxLength
            ? Encoding.UTF8.GetString(Take((int)length))
            : throw Refuse($"The file {file.Path} claims a length of {length} bytes for {what}, more than the file holds: "
                + "it is truncated or damaged; download it again.");
    }

    /// <summary>Reads a value of metadata: a number, a boolean, a string, or an array of these.</summary>
    /// <param name="type">The type.</param>
    /// <param name="key">The key, for messages.</param>
    public object ReadValue(uint type, string key) => ReadValue((GgufValueType)type, key, 0);

    /// <summary>Creates an exception.</summary>
    /// <param name="message">The message.</param>
    public static WeightFileException Refuse(string message) => new(message);

    /// <summary>Makes a name of the file safe for a message.</summary>
    /// <param name="name">The name.</param>
    public static string Visible(string name) => VisibleText.Of(name, Shown);

    private object ReadValue(GgufValueType type, string key, int depth) => type switch
    {
        GgufValueType.UInt8 => Take(1)[0],
        GgufValueType.Int8 => (sbyte)Take(1)[0],
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(Take(2)),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        GgufValueType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(Take(4)),
        GgufValueType.Bool => Take(1)[0] != 0,
        GgufValueType.String => ReadString($"a string of {Visible(key)}"),
        GgufValueType.Array => ReadArray(key, depth),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(Take(8)),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(Take(8)),
        GgufValueType.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
        _ => throw Refuse($"The metadata {Visible(key)} of {file.Path} has the unknown type {(uint)type}: "
            + "the file is damaged or of a newer format."),
    };

    private Array ReadArray(string key, int depth)
    {
        var type = (GgufValueType)ReadUInt32();
        if (depth == MaxDepth)
        {
            throw Refuse($"The metadata {Visible(key)} of {file.Path} has arrays within arrays within arrays: it is damaged.");
        }

        (int least, Type element) = type switch
        {
            GgufValueType.UInt8 => (1, typeof(byte)),
            GgufValueType.Int8 => (1, typeof(sbyte)),
            GgufValueType.Bool => (1, typeof(bool)),
            GgufValueType.UInt16 => (2, typeof(ushort)),
            GgufValueType.Int16 => (2, typeof(short)),
            GgufValueType.UInt32 => (4, typeof(uint)),
            GgufValueType.Int32 => (4, typeof(int)),
            GgufValueType.Float32 => (4, typeof(float)),
            GgufValueType.UInt64 => (8, typeof(ulong)),
            GgufValueType.Int64 => (8, typeof(long)),
            GgufValueType.Float64 => (8, typeof(double)),
            GgufValueType.String => (8, typeof(string)),
            GgufValueType.Array => (12, typeof(Array)),
            _ => throw Refuse($"The metadata {Visible(key)} of {file.Path} is an array of the unknown type {(uint)type}: "
                + "the file is damaged or of a newer format."),
        };
        int count = ReadCount($"values in {Visible(key)}", least);
        var values = Array.CreateInstance(element, count);
        for (int i = 0; i < count; i++)
        {
            values.SetValue(ReadValue(type, key, depth + 1), i);
        }

        return values;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left)
        {
            throw Refuse(file.Length <= MaxBytes
                ? $"The file {file.Path} ends within its header: it is truncated; download it again."
                : $"The header of {file.Path} takes more than {MaxBytes} bytes: the file is damaged.");
        }

        if (Position + count > _bufferStart + _buffer.Length)
        {
            _buffer = file.ReadBytes(Position, (int)Math.Min(Math.Max(count, 1 << 16), Left));
            _bufferStart = Position;
        }

        ReadOnlySpan<byte> bytes = _buffer.AsSpan((int)(Position - _bufferStart), count);
        Position += count;
        return bytes;
    }
}
