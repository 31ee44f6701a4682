using System.Buffers.Binary;
using System.Text;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>Reads the bytes of a pickle from front to back, never beyond their end.</summary>
/// <param name="pickle">The bytes.</param>
/// <param name="file">The archive, used in messages.</param>
internal sealed class PickleBytes(byte[] pickle, string file)
{
    private const int LongestName = 1000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Gets the number of bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Reads bytes.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <exception cref="WeightFileException">The pickle has fewer bytes left.</exception>
    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(pickle.Length - Position))
        {
            throw Refuse($"ends at byte {pickle.Length}: it is truncated or has a wrong length");
        }

        ReadOnlySpan<byte> bytes = pickle.AsSpan(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    /// <summary>Reads a byte.</summary>
    public byte TakeByte() => Take(1)[0];

    /// <summary>Reads an unsigned 16-bit integer.</summary>
    public ushort TakeUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    /// <summary>Reads a signed 32-bit integer.</summary>
    public int TakeInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>Reads an unsigned 32-bit integer.</summary>
    public uint TakeUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Reads an unsigned 64-bit integer.</summary>
    public ulong TakeUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>Reads a 64-bit floating-point number, the only kind of number that a pickle stores in big-endian order.</summary>
    public double TakeDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Reads an integer in two's complement, in little-endian order.</summary>
    /// <param name="length">The number of bytes.</param>
    /// <exception cref="WeightFileException">The integer has more than 8 bytes.</exception>
    public long TakeWholeNumber(uint length)
    {
        if (length > 8)
        {
            throw Refuse($"has an integer of {length} bytes; the maximum is 8");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        long value = length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    /// <summary>Reads a UTF-8 string.</summary>
    /// <param name="length">The number of bytes.</param>
    /// <exception cref="WeightFileException">The bytes are not valid UTF-8.</exception>
    public string TakeText(ulong length)
    {
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new WeightFileException($"The archive {file} contains a pickle with a string that is not valid UTF-8.", e);
        }
    }

    /// <summary>Reads a name up to the end of its line and skips the line break.</summary>
    /// <exception cref="WeightFileException">The line has no end or is too long.</exception>
    public string TakeLine()
    {
        ReadOnlySpan<byte> rest = pickle.AsSpan(Position);
        int length = rest.IndexOf((byte)'\n');
        if (length is < 0 or > LongestName)
        {
            throw Refuse("has an unterminated name of a global");
        }

        Position += length + 1;
        return Encoding.UTF8.GetString(rest[..length]);
    }

    private WeightFileException Refuse(string what) => new($"The archive {file} contains a pickle that {what}.");
}
