using NexusGen.Text;

namespace NexusGen.Jobs;

/// <summary>Decodes the text of a reply token by token: complete characters, without special tokens and stop sequences.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="stops">The stop sequences, which end the reply.</param>
internal sealed class IncrementalText(QwenTokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly StreamingDecoder _decoder = new(tokenizer, skipSpecialTokens: true);
    private string _held = "";

    /// <summary>Gets whether a stop sequence has appeared.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Appends a token and returns the text that is now certain to be part of the reply.</summary>
    public string Append(int token) => LetGo(_decoder.Append(token), isEnd: false);

    /// <summary>Returns the text that was held back until the end.</summary>
    public string Flush() => LetGo(_decoder.Flush(), isEnd: true);

    private string LetGo(string more, bool isEnd)
    {
        if (Stopped)
        {
            return "";
        }

        _held += more;
        int cut = stops.Select(stop => _held.IndexOf(stop, StringComparison.Ordinal))
            .Where(place => place >= 0).DefaultIfEmpty(-1).Min();
        Stopped = cut >= 0;
        int keep = Stopped || isEnd ? 0 : LongestBeginning();
        string free = Stopped ? _held[..cut] : _held[..^keep];
        _held = Stopped ? "" : _held[^keep..];
        return free;
    }

    // The length of the longest end of the text that may be the beginning of a stop sequence.
    private int LongestBeginning()
    {
        int longest = Math.Min(_held.Length, stops.Select(stop => stop.Length - 1).DefaultIfEmpty(0).Max());
        for (int length = longest; length > 0; length--)
        {
            string end = _held[^length..];
            if (stops.Any(stop => stop.StartsWith(end, StringComparison.Ordinal)))
            {
                return length;
            }
        }

        return 0;
    }
}
