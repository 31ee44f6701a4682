using System.Text;
using System.Text.Json;

namespace NexusGen.Text;

/// <summary>
/// The tokenizer of CLIP: 77 tokens of lower-case text between <c>&lt;|startoftext|&gt;</c> and <c>&lt;|endoftext|&gt;</c>.
/// Produces the same ids as the Python <c>CLIPTokenizer</c> of transformers with ftfy installed, which the <c>FluxPrompter</c> of
/// DiffSynth-Studio uses, except that text decoded with a wrong encoding is not repaired. Thread-safe.
/// </summary>
internal sealed class ClipTokenizer
{
    /// <summary>The number of tokens of a prompt after truncation or padding.</summary>
    public const int ContextLength = 77;

    private const string StartToken = "<|startoftext|>";
    private const string EndToken = "<|endoftext|>";

    /// <summary>The maximum number of merges. The Python tokenizer ignores all further lines of <c>merges.txt</c>.</summary>
    private const int MostMerges = 49152 - 256 - 2;

    private readonly BytePairMerger _merger = new(wholeRanks: true);
    private readonly Dictionary<string, int> _symbols;
    private readonly int[] _symbolOfByte = new int[256];
    private readonly int[] _symbolOfLastByte = new int[256];
    private readonly AddedTokenSplitter _splitter;
    private readonly int _unknownId;

    private ClipTokenizer(
        Dictionary<string, int> vocabulary, IEnumerable<string> merges, IReadOnlyList<AddedToken> added, JsonElement? config,
        string folder)
    {
        _symbols = vocabulary;
        StartId = NamedId("bos_token", StartToken);
        EndId = NamedId("eos_token", EndToken);
        PadId = NamedId("pad_token", EndToken);
        _unknownId = NamedId("unk_token", EndToken);
        AddedToken[] named = [new(StartId, StartToken, true), new(EndId, EndToken, true)];
        _splitter = new AddedTokenSplitter(added.Count > 0 ? added : named);

        int rank = 0;
        foreach (string[] pair in merges.Take(MostMerges).Select(line => line.Split((char[]?)null)))
        {
            if (pair.Length == 2)
            {
                _merger.AddRule(Symbol(pair[0]), Symbol(pair[1]), rank, Symbol(pair[0] + pair[1]));
            }

            rank++;
        }

        for (int value = 0; value < 256; value++)
        {
            _symbolOfByte[value] = Symbol(ByteLevel.ToCharacter((byte)value).ToString());
            _symbolOfLastByte[value] = Symbol(ByteLevel.ToCharacter((byte)value) + "</w>");
        }

        int NamedId(string name, string standard)
        {
            string content = (config is { } element ? TokenizerFiles.NamedToken(element, name) : null) ?? standard;
            AddedToken? token = added.FirstOrDefault(token => token.Content == content);
            return token is not null ? token.Id
                : vocabulary.TryGetValue(content, out int id) ? id
                : throw new TokenizerException($"The vocabulary in {folder} lacks the {name} '{content}'.");
        }
    }

    /// <summary>Gets the id of the token before the text.</summary>
    public int StartId { get; }

    /// <summary>Gets the id of the token after the text.</summary>
    public int EndId { get; }

    /// <summary>Gets the id that pads short prompts.</summary>
    public int PadId { get; }

    /// <summary>
    /// Loads a tokenizer from a folder with <c>vocab.json</c>, <c>merges.txt</c> and, optionally, <c>tokenizer_config.json</c>.
    /// </summary>
    /// <param name="folder">A folder such as <c>FLUX.1-dev/tokenizer</c>.</param>
    /// <exception cref="TokenizerException">A file is missing or invalid; the message names it.</exception>
    public static ClipTokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string configPath = Path.Combine(folder, "tokenizer_config.json");
        using JsonDocument? config = TokenizerFiles.ReadJsonIfThere(configPath);
        return new ClipTokenizer(
            TokenizerFiles.ReadVocabulary(Path.Combine(folder, "vocab.json")),
            TokenizerFiles.ReadMergeLines(Path.Combine(folder, "merges.txt")),
            config is null ? [] : [.. TokenizerFiles.AddedTokensDecoder(config.RootElement, configPath)],
            config?.RootElement,
            folder);
    }

    /// <summary>Encodes a prompt: the start token, at most 75 tokens of text, the end token, and padding.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="parseSpecialTokens">
    /// Whether start and end tokens in the text are encoded as their ids, as the official tokenizer does. Otherwise they are text
    /// like any other.
    /// </param>
    /// <returns><see cref="ContextLength"/> ids.</returns>
    public int[] Encode(string text, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [StartId];
        BytePairMerger.Workspace workspace = new();
        foreach ((Range range, AddedToken? token) in _splitter.Split(text, parseSpecialTokens))
        {
            if (ids.Count >= ContextLength - 1)
            {
                break;
            }

            if (token is null)
            {
                EncodePlain(ClipTextCleaner.Clean(text[range]), parseSpecialTokens, workspace, ids);
            }
            else
            {
                ids.Add(token.Id);
            }
        }

        int[] result = new int[ContextLength];
        int count = Math.Min(ids.Count, ContextLength - 1);
        ids.CopyTo(0, result, 0, count);
        result[count] = EndId;
        result.AsSpan(count + 1).Fill(PadId);
        return result;
    }

    private void EncodePlain(string text, bool parseSpecialTokens, BytePairMerger.Workspace workspace, List<int> ids)
    {
        for (int start = 0; start < text.Length && ids.Count < ContextLength - 1;)
        {
            if (text[start] == ' ')
            {
                start++;
                continue;
            }

            int end = EndOfWord(text, start, parseSpecialTokens, out int specialId);
            if (specialId >= 0)
            {
                ids.Add(specialId);
            }
            else
            {
                EncodeWord(text.AsSpan(start, end - start), workspace, ids);
            }

            start = end;
        }
    }

    private int EndOfWord(ReadOnlySpan<char> text, int start, bool parseSpecialTokens, out int specialId)
    {
        // In upper case, these tokens were not split off before the text was converted to lower case.
        bool isStart = text[start..].StartsWith(StartToken, StringComparison.Ordinal);
        if (parseSpecialTokens && (isStart || text[start..].StartsWith(EndToken, StringComparison.Ordinal)))
        {
            specialId = isStart ? StartId : EndId;
            return start + (isStart ? StartToken : EndToken).Length;
        }

        specialId = -1;
        if (CharacterClasses.EndOfContraction(text, start) is > 0 and int contraction)
        {
            return contraction;
        }

        CharacterClass first = CharacterClasses.At(text, start, out int length);
        return first == CharacterClass.Number ? start + length : CharacterClasses.EndOfRun(text, start, first);
    }

    private void EncodeWord(ReadOnlySpan<char> word, BytePairMerger.Workspace workspace, List<int> ids)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(word)];
        Encoding.UTF8.GetBytes(word, bytes);
        int[] symbols = Array.ConvertAll(bytes, value => _symbolOfByte[value]);
        symbols[^1] = _symbolOfLastByte[bytes[^1]];

        int first = ids.Count;
        _merger.Merge(symbols, workspace, ids);
        for (int i = first; i < ids.Count; i++)
        {
            ids[i] = ids[i] < 0 ? _unknownId : ids[i];
        }
    }

    // Text that is not in the vocabulary can still be merged into text that is, so it gets an id, but a negative one.
    private int Symbol(string text)
    {
        if (!_symbols.TryGetValue(text, out int symbol))
        {
            symbol = -1 - _symbols.Count;
            _symbols.Add(text, symbol);
        }

        return symbol;
    }
}
