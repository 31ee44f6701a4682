using System.Net;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// Cleans a prompt before CLIP's byte-pair encoding: applies the repairs of <c>ftfy.fix_text</c>, which the official environment
/// installs, collapses white space and converts to lower case. The table-based repairs of ftfy are implemented (entities,
/// ligatures, character widths, quotation marks, C1 and other control characters, terminal escapes, NFC). Its heuristics for text
/// that was decoded with the wrong encoding ("Ã©" for "é") are not.
/// </summary>
internal static class ClipTextCleaner
{
    private const int LongestEntityName = 24;

    /// <summary>
    /// The maximum number of rounds. ftfy repeats its repairs until nothing changes; only text that was crafted for it needs more
    /// rounds than this.
    /// </summary>
    private const int MostRounds = 64;

    /// <summary>The characters of Windows-1252 in the range of the C1 controls of Latin-1, U+0080 to U+009F.</summary>
    private const string Windows1252 =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F"
        + "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    /// <summary>The normal-width forms of U+FF5F to U+FFDC: brackets, half-width katakana, half-width jamo.</summary>
    private const string HalfWidths =
        "⦅⦆。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A"
        + "\u1160\u1100\u1101\u11AA\u1102\u11AC\u11AD\u1103\u1104\u1105\u11B0\u11B1\u11B2\u11B3\u11B4\u11B5\u111A\u1106\u1107"
        + "\u1108\u1121\u1109\u110A\u110B\u110C\u110D\u110E\u110F\u1110\u1111\u1112\uFFBF\uFFC0\uFFC1\u1161\u1162\u1163\u1164"
        + "\u1165\u1166\uFFC8\uFFC9\u1167\u1168\u1169\u116A\u116B\u116C\uFFD0\uFFD1\u116D\u116E\u116F\u1170\u1171\u1172\uFFD8"
        + "\uFFD9\u1173\u1174\u1175";

    /// <summary>The normal-width forms of U+FFE0 to U+FFEE.</summary>
    private const string WideSigns = "\u00A2\u00A3\u00AC\uFFE3\u00A6\u00A5\u20A9\uFFE7\u2502\u2190\u2191\u2192\u2193\u25A0\u25CB";

    /// <summary>Returns the cleaned text.</summary>
    public static string Clean(string text) => PythonText.Lower(CollapseWhiteSpace(Repair(text)));

    private static string Repair(string text)
    {
        StringBuilder result = new(text.Length);
        bool unescape = true;
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start) + 1;
            string line = end == 0 ? text[start..] : text[start..end];
            start += line.Length;

            // A '<' suggests that the text is HTML. From that line on, entities are left as they are.
            unescape = unescape && !line.Contains('<');
            result.Append(RepairLine(line, unescape));
        }

        return result.ToString();
    }

    private static string RepairLine(string line, bool unescape)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            string before = line;
            line = UnicodeNormalizer.Compose(ReplaceCharacters(unescape ? UnescapeEntities(line) : line));
            if (line == before)
            {
                break;
            }
        }

        return line;
    }

    private static string UnescapeEntities(string text)
    {
        if (!text.Contains('&'))
        {
            return text;
        }

        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int length = text[i] == '&' ? EntityLength(text.AsSpan(i)) : 0;
            result.Append(length > 0 ? Unescape(text.Substring(i, length)) : text[i].ToString());
            i += Math.Max(1, length);
        }

        return result.ToString();
    }

    private static int EntityLength(ReadOnlySpan<char> text)
    {
        int start = text.Length > 1 && text[1] == '#' ? 2 : 1;
        int end = start;
        while (end < text.Length && end - start < LongestEntityName && char.IsAsciiLetterOrDigit(text[end]))
        {
            end++;
        }

        return end > start && end < text.Length && text[end] == ';' ? end + 1 : 0;
    }

    private static string Unescape(string entity)
    {
        string decoded = WebUtility.HtmlDecode(entity);
        if (decoded == entity && entity == entity.ToUpperInvariant())
        {
            string lower = entity.ToLowerInvariant();
            string decodedLower = WebUtility.HtmlDecode(lower);
            decoded = decodedLower == lower ? entity : decodedLower.ToUpperInvariant();
        }

        return decoded.Contains(';') ? entity : decoded;
    }

    private static string ReplaceCharacters(string text)
    {
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i] is >= '\u0080' and <= '\u009F' and char control ? Windows1252[control - 0x80] : text[i];
            if (character == '\u001B' && TerminalEscapeLength(text.AsSpan(i)) is > 0 and int length)
            {
                i += length - 1;
            }
            else if (char.IsHighSurrogate(character) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                result.Append(character).Append(text[++i]);
            }
            else if (Ligature(character) is { } letters)
            {
                result.Append(letters);
            }
            else if (!IsRemoved(character))
            {
                result.Append(StraightQuote(UsualWidth(character)));
            }
        }

        return result.ToString();
    }

    // ESC [ digits and semicolons, then a letter.
    private static int TerminalEscapeLength(ReadOnlySpan<char> text)
    {
        int end = 2;
        while (end < text.Length && (char.IsDigit(text[end]) || text[end] == ';'))
        {
            end++;
        }

        return text.Length > 2 && text[1] == '[' && end < text.Length && char.IsAsciiLetter(text[end]) ? end + 1 : 0;
    }

    private static bool IsRemoved(char character) => character
        is <= '\u0008' or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F'
        or (>= '\u206A' and <= '\u206F') or '\uFEFF' or (>= '\uFFF9' and <= '\uFFFC');

    private static char StraightQuote(char character) => character switch
    {
        '\u02BC' or (>= '\u2018' and <= '\u201B') => '\'',
        >= '\u201C' and <= '\u201F' => '"',
        _ => char.IsSurrogate(character) ? '\uFFFD' : character,
    };

    private static char UsualWidth(char character) => character switch
    {
        '\u3000' => ' ',
        >= '\uFF01' and <= '\uFF5E' => (char)(character - 0xFEE0),
        >= '\uFF5F' and <= '\uFFDC' => HalfWidths[character - 0xFF5F],
        >= '\uFFE0' and <= '\uFFEE' => WideSigns[character - 0xFFE0],
        _ => character,
    };

    private static string? Ligature(char character) => character switch
    {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "ʼn",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        '\uFFE3' => " \u0304",
        _ => null,
    };

    private static string CollapseWhiteSpace(string text)
    {
        StringBuilder result = new(text.Length);
        foreach (char character in text)
        {
            if (!char.IsWhiteSpace(character))
            {
                result.Append(character);
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }
        }

        return result.ToString().TrimEnd();
    }
}
