using System.Buffers;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// The tokenizer of Qwen2 and Qwen2.5: byte-level byte-pair encoding of NFC-normalized text, with special tokens recognized in
/// the text. Produces the same ids as <c>Qwen2TokenizerFast</c> of transformers, in time proportional to the length of the text
/// (O(n log n) for a single word of any length). Thread-safe.
/// </summary>
internal sealed class QwenTokenizer
{
    private readonly BytePairMerger _merger = new(wholeRanks: false);
    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly AddedTokenSplitter _splitter;
    private readonly string?[] _tokens;
    private readonly int[] _symbolOfByte = new int[256];

    internal QwenTokenizer(
        Dictionary<string, int> vocabulary, IEnumerable<(string Left, string Right)> merges, IReadOnlyList<AddedToken> added,
        string source)
    {
        _vocabulary = vocabulary;
        _addedById = added.DistinctBy(token => token.Id).ToDictionary(token => token.Id);
        _splitter = new AddedTokenSplitter(added);
        _tokens = new string?[vocabulary.Values.Concat(_addedById.Keys).DefaultIfEmpty(-1).Max() + 1];
        foreach ((string token, int id) in vocabulary)
        {
            _tokens[id] = token;
        }

        foreach (AddedToken token in added)
        {
            _tokens[token.Id] = token.Content;
        }

        AddMerges(merges, source);
        for (int value = 0; value < 256; value++)
        {
            // A byte without a token is omitted from the ids, as in the official tokenizer.
            _symbolOfByte[value] = vocabulary.GetValueOrDefault(ByteLevel.ToCharacter((byte)value).ToString(), -1);
        }
    }

    /// <summary>Gets the largest id plus one. The embedding table of a model can be larger.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>Gets the text of each token by its id, as written in the vocabulary files; null for an id without one.</summary>
    public IReadOnlyList<string?> Tokens => _tokens;

    /// <summary>
    /// Loads a tokenizer from a folder in the layout of Hugging Face: the vocabulary from <c>vocab.json</c> and
    /// <c>merges.txt</c>, or else from <c>tokenizer.json</c>; the added tokens from <c>tokenizer_config.json</c>, or else from
    /// <c>tokenizer.json</c> or the older <c>added_tokens.json</c>.
    /// </summary>
    /// <param name="folder">A model folder such as <c>Nexus-GenV2</c>.</param>
    /// <exception cref="TokenizerException">A file is missing or invalid; the message names it.</exception>
    public static QwenTokenizer Load(string folder) => QwenTokenizerLoader.Load(folder);

    /// <summary>Encodes a text. Special tokens in the text are encoded as their ids; none are added.</summary>
    /// <param name="text">Any text. A lone surrogate counts as U+FFFD.</param>
    public int[] Encode(string text) => Encode(text ?? throw new ArgumentNullException(nameof(text)), parseSpecialTokens: true);

    /// <summary>Encodes a prompt.</summary>
    /// <param name="prompt">The prompt. A lone surrogate counts as U+FFFD.</param>
    /// <param name="parseSpecialTokens">
    /// Whether special tokens in the texts of messages are encoded as their ids too, as the official tokenizer does. Otherwise
    /// they are text like any other.
    /// </param>
    public int[] Encode(PromptText prompt, bool parseSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        List<int> ids = [];
        BytePairMerger.Workspace workspace = new();

        // Text is encoded in one run up to the next special token, whoever wrote it: tokens can span pieces.
        StringBuilder plain = new();
        IEnumerable<PromptPiece> pieces =
            parseSpecialTokens ? [new PromptPiece(prompt.ToString(), IsTemplate: true)] : prompt.Pieces;
        foreach (PromptPiece piece in pieces)
        {
            if (!piece.IsTemplate)
            {
                plain.Append(piece.Text);
                continue;
            }

            foreach ((Range range, AddedToken? token) in _splitter.Split(piece.Text))
            {
                if (token is null)
                {
                    plain.Append(piece.Text.AsSpan(range));
                    continue;
                }

                EncodePlain(UnicodeNormalizer.Compose(plain.ToString()), workspace, ids);
                plain.Clear();
                ids.Add(token.Id);
            }
        }

        EncodePlain(UnicodeNormalizer.Compose(plain.ToString()), workspace, ids);
        return [.. ids];
    }

    /// <summary>
    /// Decodes ids: concatenates their bytes and decodes them as UTF-8, with U+FFFD for invalid sequences. Ids without a token
    /// are omitted. The text is not trimmed or cleaned up.
    /// </summary>
    /// <param name="ids">The token ids.</param>
    /// <param name="skipSpecialTokens">Whether to omit special tokens. Other added tokens are always kept.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        ArrayBufferWriter<byte> bytes = new(Math.Max(16, ids.Length * 4));
        foreach (int id in ids)
        {
            WriteBytes(id, skipSpecialTokens, bytes);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Returns the id of a token by its text, for example <c>&lt;|im_end|&gt;</c>.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public int TokenId(string token) => TryGetTokenId(token, out int id)
        ? id
        : throw new TokenizerException($"The vocabulary has no token '{token}', so it is not that of a Nexus-Gen model.");

    /// <summary>Gets the id of a token by its text, as written in the vocabulary files.</summary>
    /// <returns>Whether there is such a token.</returns>
    public bool TryGetTokenId(string token, out int id)
    {
        ArgumentNullException.ThrowIfNull(token);
        AddedToken? added = _addedById.Values.FirstOrDefault(candidate => candidate.Content == token);
        id = added?.Id ?? _vocabulary.GetValueOrDefault(token, -1);
        return id >= 0;
    }

    /// <summary>Returns whether an id is that of an added token, special or not.</summary>
    public bool IsAdded(int id) => _addedById.ContainsKey(id);

    /// <summary>Returns whether an id is a special token, which decoding can skip.</summary>
    public bool IsSpecial(int id) => _addedById.TryGetValue(id, out AddedToken? token) && token.Special;

    internal void WriteBytes(int id, bool skipSpecialTokens, IBufferWriter<byte> output)
    {
        if ((uint)id < (uint)_tokens.Length && _tokens[id] is { } token && !(skipSpecialTokens && IsSpecial(id)))
        {
            ByteLevel.WriteBytes(token, output);
        }
    }

    private void AddMerges(IEnumerable<(string Left, string Right)> merges, string source)
    {
        _merger.EnsureCapacity(_vocabulary.Count);
        int rank = 0;
        foreach ((string left, string right) in merges)
        {
            if (!_vocabulary.TryGetValue(left, out int leftId) || !_vocabulary.TryGetValue(right, out int rightId)
                || !_vocabulary.TryGetValue(left + right, out int merged))
            {
                throw new TokenizerException(
                    $"{source} merges '{left}' and '{right}', but the vocabulary lacks one of them or '{left}{right}'.");
            }

            _merger.AddRule(leftId, rightId, rank++, merged);
        }
    }

    private void EncodePlain(string text, BytePairMerger.Workspace workspace, List<int> ids)
    {
        byte[] bytes = [];
        int[] symbols = [];
        for (int start = 0; start < text.Length;)
        {
            int end = QwenPreTokenizer.EndOfPiece(text, start);
            int most = Encoding.UTF8.GetMaxByteCount(end - start);
            if (bytes.Length < most)
            {
                bytes = new byte[Math.Max(256, most)];
                symbols = new int[bytes.Length];
            }

            int count = 0;
            foreach (byte value in bytes.AsSpan(0, Encoding.UTF8.GetBytes(text.AsSpan(start, end - start), bytes)))
            {
                if (_symbolOfByte[value] is >= 0 and int symbol)
                {
                    symbols[count++] = symbol;
                }
            }

            _merger.Merge(symbols.AsSpan(0, count), workspace, ids);
            start = end;
        }
    }
}
