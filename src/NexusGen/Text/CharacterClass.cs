using System.Globalization;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// The four classes of characters that the patterns of GPT-like tokenizers distinguish: <c>\p{L}</c>, <c>\p{N}</c>, <c>\s</c> and
/// the rest. Code points are classified as a unit, never the halves of a surrogate pair.
/// </summary>
internal enum CharacterClass
{
    /// <summary>Any other character: punctuation, symbols, marks, controls.</summary>
    Other,

    /// <summary>A letter, <c>\p{L}</c>.</summary>
    Letter,

    /// <summary>A number, <c>\p{N}</c>.</summary>
    Number,

    /// <summary>White space, <c>\s</c>.</summary>
    Space,
}

/// <summary>Classifies characters.</summary>
internal static class CharacterClasses
{
    /// <summary>Returns the class of the code point at an index, and its length in UTF-16 units.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        length = 1;
        if (char.IsAsciiLetter(first))
        {
            return CharacterClass.Letter;
        }

        // A lone surrogate decodes to U+FFFD with a length of one unit, which is also what it becomes in UTF-8.
        Rune.DecodeFromUtf16(text[index..], out Rune rune, out length);
        return Rune.IsWhiteSpace(rune) ? CharacterClass.Space : Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
                => CharacterClass.Number,
            _ => CharacterClass.Other,
        };
    }

    /// <summary>
    /// Returns the end of the run of one class that starts at an index, or that index if no such run starts there.
    /// </summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int start, CharacterClass characterClass)
    {
        int end = start;
        while (end < text.Length && At(text, end, out int length) == characterClass)
        {
            end += length;
        }

        return end;
    }

    /// <summary>
    /// Returns the end of the English contraction (<c>'s 't 're 've 'm 'll 'd</c>, in any case) that starts at an index, or -1 if
    /// none starts there.
    /// </summary>
    public static int EndOfContraction(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> rest = text[start..];
        if (rest.Length < 2 || rest[0] != '\'')
        {
            return -1;
        }

        // U+017F, the long s, matches an s in case-insensitive patterns.
        if (rest[1] is 's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D')
        {
            return start + 2;
        }

        bool three = rest.Length > 2 && ((char)(rest[1] | ' '), (char)(rest[2] | ' ')) is ('r', 'e') or ('v', 'e') or ('l', 'l');
        return three ? start + 3 : -1;
    }
}
