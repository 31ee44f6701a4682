using System.Buffers;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// GPT-2's alphabet of bytes: each of the 256 bytes is written as one visible character in vocabulary files. Printable bytes
/// stand for themselves, the others for the characters from U+0100 on.
/// </summary>
internal static class ByteLevel
{
    private const int AlphabetEnd = 0x144;

    private static readonly char[] CharacterOfByte = CreateAlphabet();
    private static readonly short[] ByteOfCharacter = Invert(CharacterOfByte);

    /// <summary>The character that a vocabulary writes for a byte.</summary>
    public static char ToCharacter(byte value) => CharacterOfByte[value];

    /// <summary>
    /// Writes the bytes that a token stands for. A token with any character outside the alphabet (an added token with a space,
    /// for instance) stands for its own UTF-8 bytes.
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
