using System.Globalization;
using System.Text;

namespace NexusGen.Text;

/// <summary>The four kinds of characters that the patterns of GPT-like tokenizers tell apart: <c>\p{L}</c>, <c>\p{N}</c>,
/// <c>\s</c> and the rest. Whole code points are classified, never halves of surrogate pairs.</summary>
internal enum CharacterClass
{
    /// <summary>Anything else: punctuation, symbols, marks, controls.</summary>
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
    /// <summary>The class of the code point at a place, and how many UTF-16 units it takes.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        char first = text[index];
        length = 1;
        if (char.IsAsciiLetter(first))
        {
            return CharacterClass.Letter;
        }

        // A half of a surrogate pair alone decodes to U+FFFD, of one unit: that is what it becomes as UTF-8, too.
        Rune.DecodeFromUtf16(text[index..], out Rune rune, out length);
        return Rune.IsWhiteSpace(rune) ? CharacterClass.Space : Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
                => CharacterClass.Number,
            _ => CharacterClass.Other,
        };
    }

    /// <summary>The end of the run of one class that starts at a place; the place itself where none does.</summary>
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
    /// The end of an English contraction (<c>'s 't 're 've 'm 'll 'd</c>, in any case) at a place; -1 where there is none.
    /// </summary>
    public static int EndOfContraction(ReadOnlySpan<char> text, int start)
    {
        ReadOnlySpan<char> rest = text[start..];
        if (rest.Length < 2 || rest[0] != '\'')
        {
            return -1;
        }

        // U+017F, the long s, is an s to patterns that ignore the case.
        if (rest[1] is 's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D')
        {
            return start + 2;
        }

        bool three = rest.Length > 2 && ((char)(rest[1] | ' '), (char)(rest[2] | ' ')) is ('r', 'e') or ('v', 'e') or ('l', 'l');
        return three ? start + 3 : -1;
    }
}
