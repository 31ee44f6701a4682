using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace NexusGen.Training.Logging;

/// <summary>
/// A file of TensorBoard's events: records of a length, a checksum, a protocol buffer (<c>tensorflow.Event</c>) and another
/// checksum. Each event is handed to the system at once.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private const byte Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private readonly FileStream _file;

    /// <summary>Begins a file.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="firstStep">Where it goes on; TensorBoard forgets what older files of the folder say of this step and later ones.</param>
    public EventFile(string folder, long firstStep)
    {
        Directory.CreateDirectory(folder);
        // TensorBoard reads files in the order of their names, and takes those for its own that hold "tfevents".
        string name = $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds():0000000000000}.{Environment.ProcessId}";
        _file = new FileStream(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.Read);
        Write(0, message => Text(message, field: 3, "brain.Event:2"));
        if (firstStep > 0)
        {
            const byte start = 1;
            Write(firstStep, message => Nested(message, field: 7, log => Number(log, field: 1, start)));
        }

        _file.Flush();
    }

    /// <summary>Adds numbers.</summary>
    /// <param name="step">The step that they belong to.</param>
    /// <param name="scalars">Names and numbers.</param>
    public void Add(long step, IEnumerable<(string Name, double Value)> scalars)
    {
        Write(step, message => Nested(message, field: 5, summary =>
        {
            foreach ((string name, double value) in scalars)
            {
                Nested(summary, field: 1, scalar =>
                {
                    Text(scalar, field: 1, name);
                    Tag(scalar, field: 2, Fixed32);
                    Span<byte> bits = stackalloc byte[4];
                    BinaryPrimitives.WriteSingleLittleEndian(bits, (float)value);
                    scalar.Write(bits);
                });
            }
        }));
        _file.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Write(long step, Action<MemoryStream> content)
    {
        using var message = new MemoryStream();
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(time, (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
        Tag(message, field: 1, Fixed64);
        message.Write(time);
        Number(message, field: 2, (ulong)step);
        content(message);

        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, message.Length);
        ReadOnlySpan<byte> bytes = message.GetBuffer().AsSpan(0, (int)message.Length);
        _file.Write(length);
        WriteChecksum(length);
        _file.Write(bytes);
        WriteChecksum(bytes);
    }

    // CRC-32C, masked as in TFRecord files so that the checksum of data with checksums in it stays meaningful.
    private void WriteChecksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        Span<byte> masked = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(~crc, 15) + 0xa282ead8);
        _file.Write(masked);
    }

    private static void Tag(MemoryStream message, int field, byte kind) => message.WriteByte((byte)((field << 3) | kind));

    private static void Number(MemoryStream message, int field, ulong value)
    {
        Tag(message, field, Varint);
        WriteVarint(message, value);
    }

    private static void Text(MemoryStream message, int field, string text) =>
        Nested(message, field, inner => inner.Write(Encoding.UTF8.GetBytes(text)));

    private static void Nested(MemoryStream message, int field, Action<MemoryStream> content)
    {
        using var inner = new MemoryStream();
        content(inner);
        Tag(message, field, Bytes);
        WriteVarint(message, (ulong)inner.Length);
        inner.WriteTo(message);
    }

    private static void WriteVarint(MemoryStream message, ulong value)
    {
        while (value >= 0x80)
        {
            message.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        message.WriteByte((byte)value);
    }
}
