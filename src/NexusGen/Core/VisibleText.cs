using System.Globalization;
using System.Text;

namespace NexusGen.Core;

/// <summary>
/// Makes text from files safe to show: a control character in a name could otherwise move the cursor of a terminal, or clear it.
/// </summary>
internal static class VisibleText
{
    /// <summary>Replaces characters that a terminal would act on by their number, and cuts long text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The largest number of characters of the text that are shown.</param>
    public static string Of(string text, int longest = int.MaxValue)
    {
        bool cut = text.Length > longest;
        ReadOnlySpan<char> shown = cut ? text.AsSpan(0, longest) : text;
        if (!cut && !text.Any(IsHidden))
        {
            return text;
        }

        var result = new StringBuilder(shown.Length + 8);
        foreach (char c in shown)
        {
            _ = IsHidden(c) ? result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : result.Append(c);
        }

        return cut ? result.Append('…').ToString() : result.ToString();
    }

    // Controls, line separators, and marks that change the direction of what follows.
    private static bool IsHidden(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069')
        || char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
}
