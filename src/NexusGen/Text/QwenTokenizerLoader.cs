using System.Text.Json;

namespace NexusGen.Text;

/// <summary>
/// Loads a Qwen tokenizer from the files of a model folder. The small files are preferred to <c>tokenizer.json</c>, which has the
/// same content at five times the size.
/// </summary>
internal static class QwenTokenizerLoader
{
    /// <summary>The key of the list of additional special tokens in <c>special_tokens_map.json</c>.</summary>
    private const string AdditionalSpecialTokens = "additional_special_tokens";

    /// <summary>Loads the tokenizer of a folder.</summary>
    public static QwenTokenizer Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string vocabularyPath = Path.Combine(folder, "vocab.json");
        string mergesPath = Path.Combine(folder, "merges.txt");
        string tokenizerPath = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(vocabularyPath) && File.Exists(mergesPath))
        {
            Dictionary<string, int> vocabulary = TokenizerFiles.ReadVocabulary(vocabularyPath);
            IEnumerable<(string, string)> merges = TokenizerFiles.ReadMergeLines(mergesPath)
                .Select(line => SplitMerge(line, mergesPath));
            return new QwenTokenizer(vocabulary, merges, AddedTokens(folder, vocabulary), mergesPath);
        }

        if (File.Exists(tokenizerPath))
        {
            return LoadTokenizerJson(folder, tokenizerPath);
        }

        throw new TokenizerException(
            $"{folder} contains no tokenizer, neither vocab.json and merges.txt nor tokenizer.json.");
    }

    /// <summary>Returns the merges of a folder's tokenizer: two tokens with a blank between them.</summary>
    /// <param name="folder">A folder that <see cref="Load"/> accepts.</param>
    public static IReadOnlyList<string> Merges(string folder)
    {
        string mergesPath = Path.Combine(folder, "merges.txt");
        if (File.Exists(mergesPath))
        {
            return [.. TokenizerFiles.ReadMergeLines(mergesPath)];
        }

        using JsonDocument document = TokenizerFiles.ReadJson(Path.Combine(folder, "tokenizer.json"));
        return
        [
            .. document.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray().Select(merge =>
                merge.ValueKind == JsonValueKind.Array ? $"{merge[0].GetString()} {merge[1].GetString()}" : merge.GetString()!)
        ];
    }

    private static QwenTokenizer LoadTokenizerJson(string folder, string path)
    {
        using JsonDocument document = TokenizerFiles.ReadJson(path);
        try
        {
            JsonElement model = document.RootElement.GetProperty("model");
            if (model.GetProperty("type").GetString() != "BPE")
            {
                throw new TokenizerException(
                    $"{path} is a tokenizer of the type {model.GetProperty("type")}; a Qwen tokenizer has the type BPE.");
            }

            Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
            foreach (JsonProperty token in model.GetProperty("vocab").EnumerateObject())
            {
                vocabulary[token.Name] = TokenizerFiles.CheckId(token.Value.GetInt32(), token.Name, path);
            }

            IEnumerable<(string, string)> merges = model.GetProperty("merges").EnumerateArray().Select(merge =>
                merge.ValueKind == JsonValueKind.Array
                    ? (merge[0].GetString()!, merge[1].GetString()!)
                    : SplitMerge(merge.GetString()!, path));
            return new QwenTokenizer(vocabulary, merges, AddedTokens(folder, vocabulary), path);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException
            or IndexOutOfRangeException or NullReferenceException)
        {
            throw new TokenizerException($"{path} isn't a byte-pair tokenizer in Hugging Face's format: {error.Message}", error);
        }
    }

    private static (string Left, string Right) SplitMerge(string line, string path)
    {
        int space = line.IndexOf(' ');
        return space > 0 && space < line.Length - 1
            ? (line[..space], line[(space + 1)..])
            : throw new TokenizerException($"{path} has the line '{line}', which should be two tokens separated by a space.");
    }

    private static IReadOnlyList<AddedToken> AddedTokens(string folder, Dictionary<string, int> vocabulary)
    {
        string configPath = Path.Combine(folder, "tokenizer_config.json");
        using JsonDocument? config = TokenizerFiles.ReadJsonIfThere(configPath);
        if (config is not null && TokenizerFiles.AddedTokensDecoder(config.RootElement, configPath).ToList() is [_, ..] tokens)
        {
            return tokens;
        }

        string tokenizerPath = Path.Combine(folder, "tokenizer.json");
        using JsonDocument? tokenizer = TokenizerFiles.ReadJsonIfThere(tokenizerPath);
        if (tokenizer is not null && TokenizerFiles.AddedTokens(tokenizer.RootElement, tokenizerPath).ToList() is [_, ..] added)
        {
            return added;
        }

        return OldAddedTokens(folder, vocabulary);
    }

    // Before tokenizer_config.json listed the added tokens, added_tokens.json had their ids and special_tokens_map.json the
    // special ones.
    private static List<AddedToken> OldAddedTokens(string folder, Dictionary<string, int> vocabulary)
    {
        string path = Path.Combine(folder, "added_tokens.json");
        Dictionary<string, int> ids = File.Exists(path) ? TokenizerFiles.ReadVocabulary(path) : [];
        using JsonDocument? map = TokenizerFiles.ReadJsonIfThere(Path.Combine(folder, "special_tokens_map.json"));
        HashSet<string> special = [];
        foreach (JsonProperty entry in map?.RootElement.EnumerateObject().ToArray() ?? [])
        {
            if (entry.Name == AdditionalSpecialTokens && entry.Value.ValueKind == JsonValueKind.Array)
            {
                special.UnionWith(entry.Value.EnumerateArray()
                    .Select(token => token.ValueKind == JsonValueKind.Object ? token.GetProperty("content") : token)
                    .Select(token => token.ToString()));
            }
            else if (TokenizerFiles.NamedToken(map!.RootElement, entry.Name) is { } token)
            {
                special.Add(token);
            }
        }

        foreach (string token in special.Where(vocabulary.ContainsKey))
        {
            ids.TryAdd(token, vocabulary[token]);
        }

        return [.. ids.Select(token => new AddedToken(token.Value, token.Key, special.Contains(token.Key)))];
    }
}
