using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// The precompiled normalization of SentencePiece: a double-array trie over UTF-8 whose values point to replacements. Applied as
/// in <c>spm_precompiled</c> of Hugging Face: a grapheme of fewer than six bytes is replaced as a unit if any prefix of it has a
/// replacement, otherwise character by character. Thread-safe.
/// </summary>
internal sealed class PrecompiledNormalizer
{
    private const int MostBytesOfGrapheme = 6;

    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    /// <summary>Reads the map: the size of the trie in bytes, the trie, and the null-terminated replacements.</summary>
    /// <param name="charsmap">The bytes of <c>precompiled_charsmap</c>.</param>
    /// <param name="path">The path of the file, for error messages.</param>
    public PrecompiledNormalizer(ReadOnlySpan<byte> charsmap, string path)
    {
        uint size = charsmap.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(charsmap) : 0;
        if (size < 4 || size > charsmap.Length - 4)
        {
            throw new TokenizerException($"{path} has a truncated precompiled_charsmap.");
        }

        _trie = new uint[size / 4];
        for (int i = 0; i < _trie.Length; i++)
        {
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(charsmap[(4 + (4 * i))..]);
        }

        _replacements = charsmap[(4 + (_trie.Length * 4))..].ToArray();
    }

    /// <summary>Returns the normalized text.</summary>
    /// <param name="text">A text without lone surrogates.</param>
    public string Normalize(string text)
    {
        StringBuilder result = new(text.Length);
        for (int start = 0; start < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text, start);
            ReadOnlySpan<char> grapheme = text.AsSpan(start, length);
            if (length >= MostBytesOfGrapheme || !TryReplace(grapheme, result))
            {
                foreach (Rune character in grapheme.EnumerateRunes())
                {
                    AppendCharacter(character, result);
                }
            }

            start += length;
        }

        return result.ToString();
    }

    private void AppendCharacter(Rune character, StringBuilder result)
    {
        Span<char> units = stackalloc char[2];
        units = units[..character.EncodeToUtf16(units)];
        if (!TryReplace(units, result))
        {
            result.Append(units);
        }
    }

    private bool TryReplace(ReadOnlySpan<char> text, StringBuilder result)
    {
        Span<byte> bytes = stackalloc byte[MostBytesOfGrapheme - 1];
        if (!Encoding.UTF8.TryGetBytes(text, bytes, out int count) || FirstMatch(bytes[..count]) is not (>= 0 and int offset))
        {
            return false;
        }

        ReadOnlySpan<byte> replacement = _replacements.AsSpan(Math.Min(offset, _replacements.Length));
        int end = replacement.IndexOf((byte)0);
        result.Append(Encoding.UTF8.GetString(end < 0 ? replacement : replacement[..end]));
        return true;
    }

    // Returns the value of the shortest prefix of the key that is in the trie, or -1 if there is none.
    private int FirstMatch(ReadOnlySpan<byte> key)
    {
        uint node = Offset(_trie[0]);
        foreach (byte value in key)
        {
            node ^= value;
            if (value == 0 || node >= _trie.Length)
            {
                return -1;
            }

            uint unit = _trie[node];
            if ((unit & 0x800000FF) != value)
            {
                return -1;
            }

            node ^= Offset(unit);
            bool hasValue = ((unit >> 8) & 1) == 1;
            if (hasValue && node < _trie.Length)
            {
                return (int)(_trie[node] & 0x7FFFFFFF);
            }
        }

        return -1;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
