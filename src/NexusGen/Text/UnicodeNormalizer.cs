using System.Runtime.InteropServices;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// Unicode normalization form C. It has its own tables because the normalization of the runtime does nothing in
/// globalization-invariant mode, and because the result must be the same on every machine. Thread-safe.
/// </summary>
internal static class UnicodeNormalizer
{
    /// <summary>
    /// The first character that normalization can change. All characters below are in normalization form C, alone and in
    /// combination.
    /// </summary>
    private const char FirstInteresting = '\u0300';

    // Hangul syllables are composed arithmetically from a leading consonant, a vowel and an optional trailing consonant.
    private const int SyllableBase = 0xAC00;
    private const int LeadingBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailingBase = 0x11A7;
    private const int LeadingCount = 19;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;

    /// <summary>Returns the composed form of a text, or the same instance if the text is already composed.</summary>
    public static string Compose(string text) => IsComposed(text) ? text : Build(text);

    private static bool IsComposed(ReadOnlySpan<char> text)
    {
        int start = text.IndexOfAnyExceptInRange('\0', (char)(FirstInteresting - 1));
        if (start < 0)
        {
            return true;
        }

        NormalizationTable table = NormalizationTable.Instance;
        foreach (Rune rune in text[start..].EnumerateRunes())
        {
            int value = rune.Value;
            bool hangulJamo = value is >= VowelBase and < TrailingBase + TrailingCount;
            if (hangulJamo || (value >= FirstInteresting && table.MayChange(value)))
            {
                return false;
            }
        }

        return true;
    }

    private static string Build(string text)
    {
        NormalizationTable table = NormalizationTable.Instance;
        List<int> characters = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, table, characters);
        }

        SortMarks(characters, table);
        Span<int> normal = CollectionsMarshal.AsSpan(characters);
        normal = normal[..ComposeInPlace(normal, table)];
        StringBuilder result = new(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (int character in normal)
        {
            result.Append(units[..new Rune(character).EncodeToUtf16(units)]);
        }

        return result.ToString();
    }

    private static void Decompose(int character, NormalizationTable table, List<int> output)
    {
        int syllable = character - SyllableBase;
        if (syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount)
        {
            output.Add(LeadingBase + (syllable / (VowelCount * TrailingCount)));
            output.Add(VowelBase + (syllable / TrailingCount % VowelCount));
            if (syllable % TrailingCount > 0)
            {
                output.Add(TrailingBase + (syllable % TrailingCount));
            }
        }
        else if (character >= '\u00C0' && table.TryDecompose(character, out int first, out int second))
        {
            Decompose(first, table, output);
            if (second != 0)
            {
                output.Add(second);
            }
        }
        else
        {
            output.Add(character);
        }
    }

    // Sorts each run of combining marks by their classes. Marks of equal class keep their order.
    private static void SortMarks(List<int> characters, NormalizationTable table)
    {
        for (int start = 0; start < characters.Count; start++)
        {
            if (table.CombiningClass(characters[start]) == 0)
            {
                continue;
            }

            int end = start + 1;
            while (end < characters.Count && table.CombiningClass(characters[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                int[] sorted = [.. characters.Skip(start).Take(end - start).OrderBy(table.CombiningClass)];
                for (int i = 0; i < sorted.Length; i++)
                {
                    characters[start + i] = sorted[i];
                }
            }

            start = end - 1;
        }
    }

    private static int ComposeInPlace(Span<int> characters, NormalizationTable table)
    {
        int count = 0;
        int starter = -1;
        int previousClass = 0;
        foreach (int character in characters)
        {
            int combiningClass = table.CombiningClass(character);
            bool adjacent = starter == count - 1;
            bool blocked = !adjacent && previousClass >= combiningClass;
            if (starter >= 0 && !blocked && TryCompose(characters[starter], character, table, out int composed))
            {
                characters[starter] = composed;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = count;
            }

            previousClass = combiningClass;
            characters[count++] = character;
        }

        return count;
    }

    private static bool TryCompose(int first, int second, NormalizationTable table, out int composed)
    {
        int vowel = second - VowelBase;
        if (first - LeadingBase is >= 0 and < LeadingCount and int leading && vowel is >= 0 and < VowelCount)
        {
            composed = SyllableBase + (((leading * VowelCount) + vowel) * TrailingCount);
            return true;
        }

        int trailing = second - TrailingBase;
        int syllable = first - SyllableBase;
        if (trailing is > 0 and < TrailingCount
            && syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount
            && syllable % TrailingCount == 0)
        {
            composed = first + trailing;
            return true;
        }

        return table.TryCompose(first, second, out composed);
    }
}
