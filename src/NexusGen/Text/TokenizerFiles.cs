using System.Text.Json;

namespace NexusGen.Text;

/// <summary>
/// Reads the files of a Hugging Face tokenizer folder: <c>vocab.json</c>, <c>merges.txt</c>, <c>tokenizer_config.json</c> and
/// their like. Every error names its file.
/// </summary>
internal static class TokenizerFiles
{
    /// <summary>Ids index tables; a file whose ids are larger than any vocabulary's is not a vocabulary.</summary>
    private const int MostTokens = 1 << 22;

    /// <summary>The whole of a file.</summary>
    /// <exception cref="TokenizerException">There is no such file, or it cannot be read.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"The tokenizer file {path} can't be read: {error.Message}", error);
        }
    }

    /// <summary>A JSON file, its root an object.</summary>
    /// <exception cref="TokenizerException">There is no such file, or it isn't a JSON object.</exception>
    public static JsonDocument ReadJson(string path)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(WithoutByteOrderMark(Read(path)));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new TokenizerException($"{path} should hold a JSON object.");
        }
        catch (JsonException error)
        {
            throw new TokenizerException($"{path} isn't valid JSON: {error.Message}", error);
        }
    }

    /// <summary>A JSON file, or null where there is none.</summary>
    public static JsonDocument? ReadJsonIfThere(string path) => File.Exists(path) ? ReadJson(path) : null;

    /// <summary>A <c>vocab.json</c>: an object of tokens and ids.</summary>
    /// <exception cref="TokenizerException">It is missing, isn't such an object, or an id is out of range.</exception>
    public static Dictionary<string, int> ReadVocabulary(string path)
    {
        Dictionary<string, int> vocabulary = new(1 << 16, StringComparer.Ordinal);
        try
        {
            Utf8JsonReader reader = new(WithoutByteOrderMark(Read(path)).Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException($"it starts with {reader.TokenType}.");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string token = reader.GetString()!;
                reader.Read();
                vocabulary[token] = CheckId(reader.GetInt32(), token, path);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new TokenizerException($"{path} should be a JSON object of tokens and their ids: {error.Message}", error);
        }

        return vocabulary;
    }

    /// <summary>The lines of a <c>merges.txt</c>, without its version line and empty lines.</summary>
    public static IEnumerable<string> ReadMergeLines(string path)
    {
        string text = System.Text.Encoding.UTF8.GetString(WithoutByteOrderMark(Read(path)).Span);
        string[] lines = text.Split('\n');
        return lines.Skip(lines[0].StartsWith("#version", StringComparison.Ordinal) ? 1 : 0)
            .Select(line => line.TrimEnd('\r'))
            .Where(line => line.Length > 0);
    }

    /// <summary>The added tokens of a <c>tokenizer_config.json</c>; none where it doesn't list them.</summary>
    public static IEnumerable<AddedToken> AddedTokensDecoder(JsonElement config, string path)
    {
        if (config.TryGetProperty("added_tokens_decoder", out JsonElement tokens) && tokens.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty token in tokens.EnumerateObject())
            {
                if (!int.TryParse(token.Name, out int id))
                {
                    throw new TokenizerException($"{path} gives an added token the id '{token.Name}', which isn't a number.");
                }

                yield return ReadAddedToken(token.Value, id, path);
            }
        }
    }

    /// <summary>The added tokens of a <c>tokenizer.json</c>; none where it doesn't list them.</summary>
    public static IEnumerable<AddedToken> AddedTokens(JsonElement tokenizer, string path)
    {
        if (tokenizer.TryGetProperty("added_tokens", out JsonElement tokens) && tokens.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement token in tokens.EnumerateArray())
            {
                if (token.ValueKind != JsonValueKind.Object
                    || !token.TryGetProperty("id", out JsonElement value) || !value.TryGetInt32(out int id))
                {
                    throw new TokenizerException($"{path} lists an added token without an id.");
                }

                yield return ReadAddedToken(token, id, path);
            }
        }
    }

    /// <summary>
    /// The text of a token that a configuration names, such as <c>pad_token</c>: a string, or an object with its content.
    /// </summary>
    public static string? NamedToken(JsonElement config, string name)
    {
        if (config.TryGetProperty(name, out JsonElement token))
        {
            if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content))
            {
                token = content;
            }

            return token.ValueKind == JsonValueKind.String ? token.GetString() : null;
        }

        return null;
    }

    /// <summary>An id, checked to be one.</summary>
    /// <exception cref="TokenizerException">It is negative or absurdly large.</exception>
    public static int CheckId(int id, string token, string path) => id is >= 0 and < MostTokens
        ? id
        : throw new TokenizerException($"{path} gives the token '{token}' the id {id}; ids go from 0 to {MostTokens - 1}.");

    private static AddedToken ReadAddedToken(JsonElement token, int id, string path)
    {
        if (token.ValueKind != JsonValueKind.Object
            || !token.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.String)
        {
            throw new TokenizerException($"{path} lists the added token {id} without its content.");
        }

        string text = content.GetString()!;
        if (Flag("single_word"))
        {
            throw new TokenizerException(
                $"{path} wants the added token '{text}' to match whole words only (single_word), which isn't supported.");
        }

        return new AddedToken(CheckId(id, text, path), text, Flag("special"), Flag("lstrip"), Flag("rstrip"));

        bool Flag(string name) => token.TryGetProperty(name, out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(byte[] bytes) =>
        bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes;
}
