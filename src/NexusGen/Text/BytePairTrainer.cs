using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NexusGen.Text;

/// <summary>
/// Trains a byte-pair vocabulary in the format of Qwen2.5 from texts: the 256 bytes, then repeatedly the most frequent pair
/// (arXiv 1508.07909), then the special tokens. For models that are trained from scratch on a small language.
/// </summary>
internal static class BytePairTrainer
{
    // The special tokens of Qwen2.5-VL in the order of their ids.
    private static readonly string[] SpecialNames =
    [
        "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
        "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>",
        "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
        "<|repo_name|>", "<|file_sep|>",
    ];

    // The tokens up to this index are flagged as special, so decoding to plain text skips them.
    private const int LastSpecial = 13;

    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true
    };

    /// <summary>
    /// Writes the files of the tokenizer into a model folder: <c>vocab.json</c>, <c>merges.txt</c>, <c>added_tokens.json</c> and
    /// <c>tokenizer_config.json</c>.
    /// </summary>
    /// <param name="texts">The training texts.</param>
    /// <param name="size">
    /// The number of ids before the special tokens, at least 256. The vocabulary has fewer tokens if the texts contain no more
    /// repeated pairs.
    /// </param>
    /// <param name="folder">The model folder. It is created if it doesn't exist.</param>
    /// <exception cref="TokenizerException">The size is below 256, or the folder can't be written.</exception>
    public static void Write(IEnumerable<string> texts, int size, string folder)
    {
        (IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges) = Train(texts, size);
        try
        {
            Directory.CreateDirectory(folder);
            void Save(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
            Save(
                "vocab.json",
                JsonSerializer.Serialize(
                    tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id),
                    Json) + "\n");
            Save("merges.txt", "#version: 0.2\n" + string.Concat(merges.Select(merge => $"{merge.Left} {merge.Right}\n")));
            var added = SpecialNames.Select((name, i) => (name, id: size + i)).ToList();
            Save(
                "added_tokens.json",
                JsonSerializer.Serialize(added.ToDictionary(pair => pair.name, pair => pair.id), Json) + "\n");
            Save("tokenizer_config.json", JsonSerializer.Serialize(Configuration(size), Json) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"Can't write the tokenizer to {folder}: {e.Message}", e);
        }
    }

    /// <summary>Trains the tokens and merges of a vocabulary.</summary>
    /// <param name="texts">The training texts.</param>
    /// <param name="size">The maximum number of tokens, at least 256.</param>
    /// <returns>
    /// The tokens in the order of their ids, and the merges in the order of their ranks. Bytes are written in the alphabet of
    /// GPT-2.
    /// </returns>
    /// <exception cref="TokenizerException">The size is below 256.</exception>
    internal static (IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges) Train(
        IEnumerable<string> texts,
        int size)
    {
        if (size < 256)
        {
            throw new TokenizerException($"A byte-pair vocabulary must have at least 256 tokens, one per byte, not {size}.");
        }

        List<string> tokens =
        [
            .. Enumerable.Range(0, 256)
                .Select(value => ByteLevel.ToCharacter((byte)value).ToString())
                .Order(StringComparer.Ordinal)
        ];
        HashSet<string> known = [.. tokens];
        List<(string, string)> merges = [];
        List<(List<string> Parts, int Count)> words =
        [
            .. Words(texts).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
                (Encoding.UTF8.GetBytes(pair.Key).Select(value => ByteLevel.ToCharacter(value).ToString()).ToList(), pair.Value))
        ];
        while (tokens.Count < size && MostFrequent(words) is { } pair)
        {
            merges.Add(pair);
            string merged = pair.Left + pair.Right;
            if (known.Add(merged))
            {
                tokens.Add(merged);
            }

            foreach ((List<string> parts, _) in words)
            {
                Merge(parts, pair, merged);
            }
        }

        return (tokens, merges);
    }

    private static Dictionary<string, int> Words(IEnumerable<string> texts)
    {
        Dictionary<string, int> counts = [];
        foreach (string text in texts)
        {
            for (int start = 0; start < text.Length;)
            {
                int end = QwenPreTokenizer.EndOfPiece(text, start);
                string word = text[start..end];
                counts[word] = counts.GetValueOrDefault(word) + 1;
                start = end;
            }
        }

        return counts;
    }

    // Returns null if no pair occurs at least twice. Of equally frequent pairs, the first in ordinal order wins.
    private static (string Left, string Right)? MostFrequent(List<(List<string> Parts, int Count)> words)
    {
        Dictionary<(string, string), long> counts = [];
        foreach ((List<string> parts, int count) in words)
        {
            for (int i = 1; i < parts.Count; i++)
            {
                (string, string) pair = (parts[i - 1], parts[i]);
                counts[pair] = counts.GetValueOrDefault(pair) + count;
            }
        }

        (string Left, string Right)? best = null;
        long most = 1;
        foreach (((string Left, string Right) pair, long count) in counts)
        {
            if (count > most || (count == most && best is { } other && Compare(pair, other) < 0))
            {
                (best, most) = (pair, count);
            }
        }

        return best;
    }

    private static int Compare((string Left, string Right) a, (string Left, string Right) b)
    {
        int left = string.CompareOrdinal(a.Left, b.Left);
        return left != 0 ? left : string.CompareOrdinal(a.Right, b.Right);
    }

    private static void Merge(List<string> parts, (string Left, string Right) pair, string merged)
    {
        for (int i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i] == pair.Left && parts[i + 1] == pair.Right)
            {
                parts[i] = merged;
                parts.RemoveAt(i + 1);
            }
        }
    }

    private static Dictionary<string, object?> Configuration(int size) => new()
    {
        ["tokenizer_class"] = "Qwen2Tokenizer",
        ["eos_token"] = SpecialTokens.TurnEnd,
        ["pad_token"] = SpecialTokens.EndOfText,
        ["added_tokens_decoder"] = SpecialNames.Select((name, i) => (name, i)).ToDictionary(
            pair => (size + pair.i).ToString(System.Globalization.CultureInfo.InvariantCulture),
            pair => (object)new Dictionary<string, object>
            {
                ["content"] = pair.name,
                ["lstrip"] = false,
                ["normalized"] = false,
                ["rstrip"] = false,
                ["single_word"] = false,
                ["special"] = pair.i <= LastSpecial,
            }),
    };
}
