using System.Buffers;

namespace NexusGen.Text;

/// <summary>
/// Splits a text at its added tokens. The leftmost match wins; of the matches that start at the same position, the longest wins,
/// as in the official tokenizers. Thread-safe.
/// </summary>
internal sealed class AddedTokenSplitter
{
    private readonly Dictionary<char, AddedToken[]> _byFirstCharacter;
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Initializes a splitter for the specified tokens.</summary>
    public AddedTokenSplitter(IEnumerable<AddedToken> tokens)
    {
        _byFirstCharacter = tokens
            .Where(token => token.Content.Length > 0)
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
        _firstCharacters = SearchValues.Create([.. _byFirstCharacter.Keys]);
    }

    /// <summary>Returns the parts of a text in order: tokens, and the non-empty ranges of plain text between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parse">false to return the text as one range, whatever it contains.</param>
    public IEnumerable<(Range Range, AddedToken? Token)> Split(string text, bool parse = true)
    {
        int plainStart = 0;
        int position = parse ? 0 : text.Length;
        while (FindNext(text, position, out int start) is { } token)
        {
            int end = start + token.Content.Length;
            position = end;
            if (token.StripLeft)
            {
                start = plainStart + text.AsSpan(plainStart, start - plainStart).TrimEnd().Length;
            }

            if (token.StripRight)
            {
                end = text.Length - text.AsSpan(end).TrimStart().Length;
            }

            if (plainStart < start)
            {
                yield return (plainStart..start, null);
            }

            yield return (start..end, token);
            plainStart = end;
            position = Math.Max(position, end);
        }

        if (plainStart < text.Length)
        {
            yield return (plainStart..text.Length, null);
        }
    }

    private AddedToken? FindNext(string text, int position, out int start)
    {
        while (text.AsSpan(position).IndexOfAny(_firstCharacters) is >= 0 and int offset)
        {
            start = position + offset;
            ReadOnlySpan<char> rest = text.AsSpan(start);
            foreach (AddedToken token in _byFirstCharacter[rest[0]])
            {
                if (rest.StartsWith(token.Content, StringComparison.Ordinal))
                {
                    return token;
                }
            }

            position = start + 1;
        }

        start = -1;
        return null;
    }
}
