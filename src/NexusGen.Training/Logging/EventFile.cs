using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace NexusGen.Training.Logging;

/// <summary>
/// A TensorBoard event file: records of a length, its checksum, a protocol buffer (<c>tensorflow.Event</c>) and its checksum. The
/// file is flushed to the operating system after each event.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private const byte Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private readonly FileStream _file;

    /// <summary>Creates a file.</summary>
    /// <param name="folder">The folder of the event files.</param>
    /// <param name="firstStep">
    /// The step to continue from. TensorBoard discards the events of older files in the folder from this step on.
    /// </param>
    public EventFile(string folder, long firstStep)
    {
        Directory.CreateDirectory(folder);
        // TensorBoard reads files in the order of their names and recognizes those that contain "tfevents".
        string name =
            $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds():0000000000000}.{Environment.ProcessId}";
        _file = new FileStream(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.Read);
        Write(0, message => Text(message, field: 3, "brain.Event:2"));
        if (firstStep > 0)
        {
            const byte start = 1;
            Write(firstStep, message => Nested(message, field: 7, log => Number(log, field: 1, start)));
        }

        _file.Flush();
    }

    /// <summary>Writes scalar values.</summary>
    /// <param name="step">The step of the values.</param>
    /// <param name="scalars">The names and values.</param>
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

    /// <summary>Writes an image.</summary>
    /// <param name="step">The step of the image.</param>
    /// <param name="name">Its name.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <param name="png">The bytes of a PNG file.</param>
    public void Add(long step, string name, int width, int height, byte[] png)
    {
        const byte rgb = 3;
        Write(step, message => Nested(message, field: 5, summary => Nested(summary, field: 1, value =>
        {
            Text(value, field: 1, name);
            Nested(value, field: 4, image =>
            {
                Number(image, field: 1, (ulong)height);
                Number(image, field: 2, (ulong)width);
                Number(image, field: 3, rgb);
                Nested(image, field: 4, bytes => bytes.Write(png));
            });
        })));
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

    // CRC-32C, masked as in TFRecord files, which keeps the checksum of data that contains checksums meaningful.
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
