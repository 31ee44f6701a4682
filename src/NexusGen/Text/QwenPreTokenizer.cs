namespace NexusGen.Text;

/// <summary>
/// Cuts a text into the pieces within which Qwen2's byte pairs are merged. It decides what the pattern in the official
/// <c>tokenizer.json</c> decides, alternative by alternative, in time proportional to the text's length: there is no regular
/// expression, so there is none to backtrack.
/// </summary>
internal static class QwenPreTokenizer
{
    /// <summary>The end of the piece that starts at a place of the text. A piece is never empty.</summary>
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

    // A run of white space ends with its last line break if it has one; otherwise it leaves its last character to the word
    // that follows.
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
