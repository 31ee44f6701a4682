using System.Buffers;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// The byte alphabet of GPT-2: vocabulary files write each of the 256 bytes as one visible character. A printable byte is written
/// as the character with the same code, the other bytes as the characters from U+0100 on.
/// </summary>
internal static class ByteLevel
{
    private const int AlphabetEnd = 0x144;

    private static readonly char[] CharacterOfByte = CreateAlphabet();
    private static readonly short[] ByteOfCharacter = Invert(CharacterOfByte);

    /// <summary>Returns the character that represents a byte in vocabulary files.</summary>
    public static char ToCharacter(byte value) => CharacterOfByte[value];

    /// <summary>
    /// Writes the bytes that a token represents. A token with a character outside the alphabet (for example, an added token with
    /// a space) represents its own UTF-8 bytes.
    /// </summary>
    public static void WriteBytes(string token, IBufferWriter<byte> output)
    {
        Span<byte> bytes = output.GetSpan(token.Length);
        for (int i = 0; i < token.Length; i++)
        {
            char character = token[i];
            if (character >= AlphabetEnd || ByteOfCharacter[character] < 0)
            {
                Encoding.UTF8.GetBytes(token, output);
                return;
            }

            bytes[i] = (byte)ByteOfCharacter[character];
        }

        output.Advance(token.Length);
    }

    private static char[] CreateAlphabet()
    {
        char[] characters = new char[256];
        char next = '\u0100';
        for (int value = 0; value < 256; value++)
        {
            bool visible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = visible ? (char)value : next++;
        }

        return characters;
    }

    private static short[] Invert(char[] characters)
    {
        short[] bytes = new short[AlphabetEnd];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < characters.Length; value++)
        {
            bytes[characters[value]] = (short)value;
        }

        return bytes;
    }
}
