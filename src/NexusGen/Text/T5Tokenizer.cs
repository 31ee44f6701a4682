using System.Text.Json;

namespace NexusGen.Text;

/// <summary>
/// The tokenizer of T5, read from a Hugging Face <c>tokenizer.json</c> with a unigram model. Produces the same ids as
/// <c>T5TokenizerFast</c> of transformers, which the <c>FluxPrompter</c> of DiffSynth-Studio uses. Thread-safe.
/// </summary>
internal sealed class T5Tokenizer
{
    private const string FileName = "tokenizer.json";

    private readonly T5Pipeline _pipeline;
    private readonly UnigramModel _model;
    // The vocabulary of the model has them too.
    private readonly HashSet<int> _added;
    private readonly AddedTokenSplitter _splitter;
    private readonly int[] _before;
    private readonly int[] _after;

    private T5Tokenizer(JsonElement root, string path, string padToken)
    {
        AddedToken[] added = [.. TokenizerFiles.AddedTokens(root, path)];
        _splitter = new AddedTokenSplitter(added);
        _added = [.. added.Select(token => token.Id)];
        _pipeline = new T5Pipeline(root, path);
        _model = ReadModel(root.GetProperty("model"), path);
        (_before, _after) = ReadTemplate(root);
        PadId = added.FirstOrDefault(token => token.Content == padToken)?.Id ?? _model.TokenId(padToken);
        if (PadId < 0)
        {
            throw new TokenizerException($"{path} lacks the padding token '{padToken}'.");
        }
    }

    /// <summary>Gets the id that pads short texts.</summary>
    public int PadId { get; }

    /// <summary>Loads a tokenizer from a folder with <c>tokenizer.json</c>.</summary>
    /// <param name="folder">A folder such as <c>FLUX.1-dev/tokenizer_2</c>.</param>
    /// <exception cref="TokenizerException">
    /// The file is missing, isn't a unigram tokenizer, or has a step that isn't supported; the message names it.
    /// </exception>
    public static T5Tokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, FileName);
        using JsonDocument document = TokenizerFiles.ReadJson(path);
        using JsonDocument? config = TokenizerFiles.ReadJsonIfThere(Path.Combine(folder, "tokenizer_config.json"));
        string? padToken = config is null ? null : TokenizerFiles.NamedToken(config.RootElement, "pad_token");
        try
        {
            return new T5Tokenizer(document.RootElement, path, padToken ?? "<pad>");
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException
            or IndexOutOfRangeException or ArgumentException or NotSupportedException)
        {
            throw new TokenizerException($"{path} isn't a unigram tokenizer in Hugging Face's format: {error.Message}", error);
        }
    }

    /// <summary>Encodes a text of any length, followed by <c>&lt;/s&gt;</c>.</summary>
    /// <param name="text">Any text. Special tokens in it are encoded as their ids.</param>
    public int[] Encode(string text) => Encode(text, int.MaxValue, pad: false);

    /// <summary>Encodes a text, truncated so that <c>&lt;/s&gt;</c> still fits.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">The maximum number of ids, including <c>&lt;/s&gt;</c>.</param>
    /// <param name="pad">Whether to pad shorter texts to that length with <see cref="PadId"/>.</param>
    /// <param name="parseSpecialTokens">
    /// Whether special tokens in the text are encoded as their ids, as the official tokenizer does. Otherwise they are text like
    /// any other.
    /// </param>
    public int[] Encode(string text, int maxLength, bool pad, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, _before.Length + _after.Length);
        List<int> ids = [.. _before];
        int most = maxLength - _after.Length;
        text = PythonText.WellFormed(text);
        foreach ((Range range, AddedToken? token) in _splitter.Split(text, parseSpecialTokens))
        {
            if (ids.Count >= most)
            {
                break;
            }

            if (token is not null)
            {
                ids.Add(token.Id);
                continue;
            }

            foreach (string piece in _pipeline.Split(text[range], isFirst: range.Start.Value == 0))
            {
                _model.Encode(piece, ids, parseSpecialTokens ? null : _added);
            }
        }

        if (ids.Count > most)
        {
            ids.RemoveRange(most, ids.Count - most);
        }

        ids.AddRange(_after);
        if (pad)
        {
            ids.AddRange(Enumerable.Repeat(PadId, maxLength - ids.Count));
        }

        return [.. ids];
    }

    private static UnigramModel ReadModel(JsonElement model, string path)
    {
        if (model.GetProperty("type").GetString() is not "Unigram" and var type)
        {
            throw new TokenizerException($"{path} is a tokenizer of the type {type}; a T5 tokenizer has the type Unigram.");
        }

        List<(string, double)> tokens = [];
        foreach (JsonElement token in model.GetProperty("vocab").EnumerateArray())
        {
            tokens.Add((token[0].GetString()!, token[1].GetDouble()));
        }

        int unknownId = model.GetProperty("unk_id").GetInt32();
        if (unknownId < 0 || unknownId >= tokens.Count)
        {
            throw new TokenizerException($"{path} has the unk_id {unknownId}, but only {tokens.Count} tokens.");
        }

        bool byteFallback = model.TryGetProperty("byte_fallback", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
        return new UnigramModel(tokens, unknownId, byteFallback);
    }

    // Reads the template of a single text: the ids before and after it.
    private static (int[] Before, int[] After) ReadTemplate(JsonElement root)
    {
        List<int> before = [];
        List<int> after = [];
        if (!root.TryGetProperty("post_processor", out JsonElement processor) || processor.ValueKind == JsonValueKind.Null)
        {
            return ([], []);
        }

        List<int> current = before;
        foreach (JsonElement part in processor.GetProperty("single").EnumerateArray())
        {
            if (part.TryGetProperty("SpecialToken", out JsonElement special))
            {
                string name = special.GetProperty("id").GetString()!;
                JsonElement ids = processor.GetProperty("special_tokens").GetProperty(name).GetProperty("ids");
                current.AddRange(ids.EnumerateArray().Select(id => id.GetInt32()));
            }
            else
            {
                current = after;
            }
        }

        return ([.. before], [.. after]);
    }
}
