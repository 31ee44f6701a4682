using System.Text.Json;
using NexusGen.Core;

namespace NexusGen.Text;

/// <summary>
/// Reads the files of a Hugging Face tokenizer folder: <c>vocab.json</c>, <c>merges.txt</c>, <c>tokenizer_config.json</c> and
/// similar ones. Every error names its file.
/// </summary>
internal static class TokenizerFiles
{
    /// <summary>The exclusive limit of ids. Tables are indexed by id, and no real vocabulary has ids as large as this.</summary>
    private const int MostTokens = 1 << 22;

    /// <summary>Reads a text file as UTF-8 without a byte order mark.</summary>
    /// <exception cref="TokenizerException">The file doesn't exist or can't be read.</exception>
    public static ReadOnlyMemory<byte> Read(string path)
    {
        try
        {
            return TextFile.ReadUtf8(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"Can't read the tokenizer file {path}: {error.Message}", error);
        }
    }

    /// <summary>Reads a JSON file whose root is an object.</summary>
    /// <exception cref="TokenizerException">The file can't be read, or it isn't a JSON object.</exception>
    public static JsonDocument ReadJson(string path)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(Read(path));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new TokenizerException($"{path} should contain a JSON object.");
        }
        catch (JsonException error)
        {
            throw new TokenizerException($"{path} isn't valid JSON: {error.Message}", error);
        }
    }

    /// <summary>Reads a JSON file, or returns null if it doesn't exist.</summary>
    public static JsonDocument? ReadJsonIfThere(string path) => File.Exists(path) ? ReadJson(path) : null;

    /// <summary>Reads a <c>vocab.json</c>: an object of tokens and ids.</summary>
    /// <exception cref="TokenizerException">The file is missing or isn't such an object, or an id is out of range.</exception>
    public static Dictionary<string, int> ReadVocabulary(string path)
    {
        Dictionary<string, int> vocabulary = new(1 << 16, StringComparer.Ordinal);
        try
        {
            Utf8JsonReader reader = new(Read(path).Span);
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

    /// <summary>Reads the lines of a <c>merges.txt</c>, without the version line and empty lines.</summary>
    public static IEnumerable<string> ReadMergeLines(string path)
    {
        string text = System.Text.Encoding.UTF8.GetString(Read(path).Span);
        string[] lines = text.Split('\n');
        return lines.Skip(lines[0].StartsWith("#version", StringComparison.Ordinal) ? 1 : 0)
            .Select(line => line.TrimEnd('\r'))
            .Where(line => line.Length > 0);
    }

    /// <summary>Reads the added tokens of a <c>tokenizer_config.json</c>, or none if it doesn't list them.</summary>
    public static IEnumerable<AddedToken> AddedTokensDecoder(JsonElement config, string path)
    {
        if (config.TryGetProperty("added_tokens_decoder", out JsonElement tokens) && tokens.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty token in tokens.EnumerateObject())
            {
                if (!int.TryParse(token.Name, out int id))
                {
                    throw new TokenizerException($"{path} has an added token with the id '{token.Name}', which isn't a number.");
                }

                yield return ReadAddedToken(token.Value, id, path);
            }
        }
    }

    /// <summary>Reads the added tokens of a <c>tokenizer.json</c>, or none if it doesn't list them.</summary>
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
    /// Returns the text of a token that a configuration names, such as <c>pad_token</c>, or null if there is none. The value is a
    /// string, or an object with a <c>content</c>.
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

    /// <summary>Returns an id after checking its range.</summary>
    /// <exception cref="TokenizerException">The id is negative or unreasonably large.</exception>
    public static int CheckId(int id, string token, string path) => id is >= 0 and < MostTokens
        ? id
        : throw new TokenizerException($"{path} has the token '{token}' with the id {id}; ids range from 0 to {MostTokens - 1}.");

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
                $"{path} requires the added token '{text}' to match whole words only (single_word), which isn't supported.");
        }

        return new AddedToken(CheckId(id, text, path), text, Flag("special"), Flag("lstrip"), Flag("rstrip"));

        bool Flag(string name) => token.TryGetProperty(name, out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
    }
}
