using System.Buffers;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// The tokenizer of Qwen2 and Qwen2.5: byte-level byte-pair encoding of NFC-normalised text, with special tokens recognised in
/// the text. It gives the ids that transformers' <c>Qwen2TokenizerFast</c> gives, and takes time proportional to the text's
/// length (n·log n for a single word of any length). Thread-safe.
/// </summary>
public sealed class QwenTokenizer
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
            // A byte without a token is left out of the ids, as in the official tokenizer.
            _symbolOfByte[value] = vocabulary.GetValueOrDefault(ByteLevel.ToCharacter((byte)value).ToString(), -1);
        }
    }

    /// <summary>One more than the largest id. A model's embedding table may be larger.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>
    /// Loads a tokenizer from a folder of Hugging Face's layout: <c>vocab.json</c> and <c>merges.txt</c> with the added tokens
    /// of <c>tokenizer_config.json</c>, or else everything from <c>tokenizer.json</c>.
    /// </summary>
    /// <param name="folder">A model folder such as <c>Nexus-GenV2</c>.</param>
    /// <exception cref="TokenizerException">A file is missing or isn't what it should be; the message names it.</exception>
    public static QwenTokenizer Load(string folder) => QwenTokenizerLoader.Load(folder);

    /// <summary>The ids of a text. Special tokens that stand in it become their ids; none are added.</summary>
    /// <param name="text">Any text; halves of surrogate pairs alone count as U+FFFD.</param>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [];
        BytePairMerger.Workspace workspace = new();
        foreach ((Range range, AddedToken? token) in _splitter.Split(text))
        {
            if (token is null)
            {
                EncodePlain(UnicodeNormalizer.Compose(text[range]), workspace, ids);
            }
            else
            {
                ids.Add(token.Id);
            }
        }

        return [.. ids];
    }

    /// <summary>
    /// The text of some ids: their bytes one after another, read as UTF-8 with U+FFFD for what isn't. Ids that no token has
    /// are left out. Nothing is trimmed or cleaned up.
    /// </summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Whether to leave out special tokens; other added tokens always stay.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        ArrayBufferWriter<byte> bytes = new(Math.Max(16, ids.Length * 4));
        foreach (int id in ids)
        {
            WriteBytes(id, skipSpecialTokens, bytes);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The id of a token by its text, <c>&lt;|im_end|&gt;</c> for instance.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public int TokenId(string token) => TryGetTokenId(token, out int id)
        ? id
        : throw new TokenizerException($"The vocabulary has no token '{token}': is this the tokenizer of a Nexus-Gen model?");

    /// <summary>The id of a token by its text as the vocabulary files write it.</summary>
    /// <returns>Whether there is such a token.</returns>
    public bool TryGetTokenId(string token, out int id)
    {
        ArgumentNullException.ThrowIfNull(token);
        AddedToken? added = _addedById.Values.FirstOrDefault(candidate => candidate.Content == token);
        id = added?.Id ?? _vocabulary.GetValueOrDefault(token, -1);
        return id >= 0;
    }

    /// <summary>Whether an id is that of a special token, which decoding may skip.</summary>
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
