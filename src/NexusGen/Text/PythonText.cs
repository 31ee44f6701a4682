using System.Globalization;
using System.Text;

namespace NexusGen.Text;

/// <summary>String operations with the semantics of Python where those of .NET differ.</summary>
internal static class PythonText
{
    /// <summary>
    /// Implements <c>str.lower()</c>, the full lower-case mapping of Unicode. Unlike .NET, it maps a capital sigma at the end of
    /// a word to a final sigma, and a capital I with a dot to two characters.
    /// </summary>
    public static string Lower(string text)
    {
        StringBuilder result = new(text.Length);
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int length);
            switch (rune.Value)
            {
                case 0x130:
                    result.Append("i\u0307");
                    break;
                case 0x3A3:
                    result.Append(IsFinal(text, i) ? 'ς' : 'σ');
                    break;
                default:
                    result.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
                    break;
            }

            i += length;
        }

        return result.ToString();
    }

    /// <summary>Returns the text with each lone surrogate replaced by U+FFFD.</summary>
    public static string WellFormed(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))
        : text;

    private static bool IsFinal(string text, int index)
    {
        int before = index;
        Rune rune = default;
        while (before > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, before), out rune, out int length) is var _)
        {
            before -= length;
            if (!IsCaseIgnorable(rune))
            {
                break;
            }
        }

        if (!IsCased(rune) || IsCaseIgnorable(rune))
        {
            return false;
        }

        for (int after = index + 1; after < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(after), out rune, out int length);
            if (!IsCaseIgnorable(rune))
            {
                return !IsCased(rune);
            }

            after += length;
        }

        return true;
    }

    private static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9);

    private static bool IsCaseIgnorable(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
        or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
