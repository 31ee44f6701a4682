namespace NexusGen.Text;

/// <summary>
/// Splits a text into the pieces within which Qwen2 merges byte pairs. Implements the regular expression of the official
/// <c>tokenizer.json</c>, alternative by alternative, by hand. The time is proportional to the length of the text because there
/// is no backtracking.
/// </summary>
internal static class QwenPreTokenizer
{
    /// <summary>Returns the end of the piece that starts at an index. A piece is never empty.</summary>
    public static int EndOfPiece(ReadOnlySpan<char> text, int start)
    {
        if (CharacterClasses.EndOfContraction(text, start) is > 0 and int contraction)
        {
            return contraction;
        }

        CharacterClass first = CharacterClasses.At(text, start, out int length);
        int second = start + length;
        if (first == CharacterClass.Number)
        {
            return second;
        }

        if (first == CharacterClass.Letter)
        {
            return CharacterClasses.EndOfRun(text, second, CharacterClass.Letter);
        }

        if (text[start] is not ('\r' or '\n')
            && CharacterClasses.EndOfRun(text, second, CharacterClass.Letter) is int word && word > second)
        {
            return word;
        }

        int symbols = text[start] == ' ' ? second : start;
        int end = CharacterClasses.EndOfRun(text, symbols, CharacterClass.Other);
        if (end > symbols)
        {
            while (end < text.Length && text[end] is '\r' or '\n')
            {
                end++;
            }

            return end;
        }

        return EndOfWhiteSpace(text, start);
    }

    // A run of white space ends after its last line break if it has one. Otherwise its last character belongs to the following
    // word.
    private static int EndOfWhiteSpace(ReadOnlySpan<char> text, int start)
    {
        int end = CharacterClasses.EndOfRun(text, start, CharacterClass.Space);
        int lastBreak = text[start..end].LastIndexOfAny('\r', '\n');
        if (lastBreak >= 0)
        {
            return start + lastBreak + 1;
        }

        return end == text.Length || end == start + 1 ? end : end - 1;
    }
}
