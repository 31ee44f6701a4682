using System.Globalization;

namespace NexusGen.Text;

/// <summary>
/// The unigram model of SentencePiece: splits a piece into the tokens with the largest sum of scores, found with the Viterbi
/// algorithm. Thread-safe.
/// </summary>
internal sealed class UnigramModel
{
    /// <summary>The difference between the score of the worst token and that of an unknown character.</summary>
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, (int Id, double Score)> _vocabulary;
    private readonly Dictionary<string, (int Id, double Score)>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int _longestToken;
    private readonly int _unknownId;
    private readonly double _unknownScore;
    private readonly int[]? _byteIds;

    /// <summary>Initializes a model from tokens and their scores. The id of a token is its index.</summary>
    /// <param name="tokens">The vocabulary.</param>
    /// <param name="unknownId">The id of the unknown token.</param>
    /// <param name="byteFallback">
    /// Whether unknown text is encoded as byte tokens such as <c>&lt;0x0A&gt;</c> if the vocabulary has all of them.
    /// </param>
    public UnigramModel(IReadOnlyList<(string Token, double Score)> tokens, int unknownId, bool byteFallback)
    {
        _vocabulary = new(tokens.Count, StringComparer.Ordinal);
        double worst = double.PositiveInfinity;
        for (int id = 0; id < tokens.Count; id++)
        {
            (string token, double score) = tokens[id];
            _vocabulary[token] = (id, score);
            _longestToken = Math.Max(_longestToken, token.Length);
            worst = Math.Min(worst, score);
        }

        _lookup = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknownId = unknownId;
        _unknownScore = worst - UnknownPenalty;
        _byteIds = byteFallback ? [.. Enumerable.Range(0, 256).Select(value => TokenId(ByteToken(value)))] : null;
    }

    /// <summary>Returns the id of a token, or -1 if there is none.</summary>
    public int TokenId(string token) => _vocabulary.TryGetValue(token, out (int Id, double Score) entry) ? entry.Id : -1;

    /// <summary>Appends the token ids of a piece. Adjacent unknown characters form one token.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="except">Tokens that the text can't become, or null for none.</param>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids, HashSet<int>? except = null)
    {
        Node[] best = FindBestPath(piece, except);
        Stack<Range> tokens = [];
        int unknownEnd = -1;
        for (int end = piece.Length; end > 0; end = best[end].Start)
        {
            bool unknown = best[end].Id == _unknownId;
            if (unknown && unknownEnd < 0)
            {
                unknownEnd = end;
            }
            else if (!unknown && unknownEnd >= 0)
            {
                tokens.Push(end..unknownEnd);
                unknownEnd = -1;
            }

            if (!unknown)
            {
                tokens.Push(best[end].Start..end);
            }
        }

        if (unknownEnd >= 0)
        {
            tokens.Push(0..unknownEnd);
        }

        foreach (Range range in tokens)
        {
            AppendToken(piece[range], ids, except);
        }
    }

    private static string ByteToken(int value) => "<0x" + value.ToString("X2", CultureInfo.InvariantCulture) + ">";

    private Node[] FindBestPath(ReadOnlySpan<char> piece, HashSet<int>? except)
    {
        Node[] best = new Node[piece.Length + 1];
        for (int start = 0; start < piece.Length;)
        {
            int characterLength = char.IsHighSurrogate(piece[start]) && start + 1 < piece.Length ? 2 : 1;
            double score = best[start].Score;
            bool hasCharacter = false;
            int longest = Math.Min(_longestToken, piece.Length - start);
            for (int length = 1; length <= longest; length++)
            {
                if (_lookup.TryGetValue(piece.Slice(start, length), out (int Id, double Score) token)
                    && except?.Contains(token.Id) != true)
                {
                    Improve(ref best[start + length], start, token.Id, token.Score + score);
                    hasCharacter |= length == characterLength;
                }
            }

            if (!hasCharacter)
            {
                Improve(ref best[start + characterLength], start, _unknownId, _unknownScore + score);
            }

            start += characterLength;
        }

        return best;
    }

    // Of paths with equal scores, the first one found is kept: the one whose last token is the longest.
    private static void Improve(ref Node node, int start, int id, double score)
    {
        if (!node.Reached || score > node.Score)
        {
            node = new Node(score, start, id, Reached: true);
        }
    }

    private void AppendToken(ReadOnlySpan<char> token, List<int> ids, HashSet<int>? except)
    {
        if (_lookup.TryGetValue(token, out (int Id, double Score) entry) && except?.Contains(entry.Id) != true)
        {
            ids.Add(entry.Id);
            return;
        }

        if (_byteIds is not null)
        {
            byte[] bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(token)];
            System.Text.Encoding.UTF8.GetBytes(token, bytes);
            if (bytes.All(value => _byteIds[value] >= 0))
            {
                ids.AddRange(bytes.Select(value => _byteIds[value]));
                return;
            }
        }

        ids.Add(_unknownId);
    }

    private readonly record struct Node(double Score, int Start, int Id, bool Reached);
}
