using System.Buffers.Binary;
using System.Text;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>The bytes of a pickle, read from front to back and never beyond their end.</summary>
/// <param name="pickle">The bytes.</param>
/// <param name="file">The archive, for messages.</param>
internal sealed class PickleBytes(byte[] pickle, string file)
{
    private const int LongestName = 1000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>How many bytes have been read.</summary>
    public int Position { get; private set; }

    /// <summary>The next bytes.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="WeightFileException">There are not so many left.</exception>
    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(pickle.Length - Position))
        {
            throw Refuse($"breaks off at byte {pickle.Length}: it is cut, or lies about a length");
        }

        ReadOnlySpan<byte> bytes = pickle.AsSpan(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    /// <summary>The next byte.</summary>
    public byte TakeByte() => Take(1)[0];

    /// <summary>The next two bytes as a number.</summary>
    public ushort TakeUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    /// <summary>The next four bytes as a number with a sign.</summary>
    public int TakeInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    /// <summary>The next four bytes as a number.</summary>
    public uint TakeUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>The next eight bytes as a number.</summary>
    public ulong TakeUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>The next eight bytes as a real number; the one kind that a pickle has the high byte of first.</summary>
    public double TakeDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A whole number in two's complement, the low byte first.</summary>
    /// <param name="length">How many bytes it has.</param>
    /// <exception cref="WeightFileException">It has more than 8.</exception>
    public long TakeWholeNumber(uint length)
    {
        if (length > 8)
        {
            throw Refuse($"has a whole number of {length} bytes; 8 are the most");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        long value = length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    /// <summary>A text in UTF-8.</summary>
    /// <param name="length">How many bytes it has.</param>
    /// <exception cref="WeightFileException">It is no valid UTF-8.</exception>
    public string TakeText(ulong length)
    {
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new WeightFileException($"The archive {file} holds a pickle with a text that is not valid UTF-8.", e);
        }
    }

    /// <summary>A name up to the end of its line, which is left out.</summary>
    /// <exception cref="WeightFileException">There is no end near.</exception>
    public string TakeLine()
    {
        ReadOnlySpan<byte> rest = pickle.AsSpan(Position);
        int length = rest.IndexOf((byte)'\n');
        if (length is < 0 or > LongestName)
        {
            throw Refuse("names a global without end");
        }

        Position += length + 1;
        return Encoding.UTF8.GetString(rest[..length]);
    }

    private WeightFileException Refuse(string what) => new($"The archive {file} holds a pickle that {what}.");
}
