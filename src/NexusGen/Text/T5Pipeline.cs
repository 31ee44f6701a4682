using System.Text.Json;
using System.Text.RegularExpressions;

namespace NexusGen.Text;

/// <summary>
/// The steps before the model that a <c>tokenizer.json</c> lists under <c>normalizer</c> and <c>pre_tokenizer</c>. Supports the
/// types that T5 tokenizers use and rejects any other type by name. Thread-safe.
/// </summary>
internal sealed class T5Pipeline
{
    private readonly List<Func<string, string>> _normalizers = [];
    private readonly List<Func<string, bool, IEnumerable<string>>> _splitters = [];
    private readonly string _path;

    /// <summary>Reads the steps.</summary>
    /// <param name="tokenizer">The root element of the file.</param>
    /// <param name="path">The path of the file, for error messages.</param>
    public T5Pipeline(JsonElement tokenizer, string path)
    {
        _path = path;
        if (tokenizer.TryGetProperty("normalizer", out JsonElement normalizer) && normalizer.ValueKind != JsonValueKind.Null)
        {
            AddNormalizer(normalizer);
        }

        if (tokenizer.TryGetProperty("pre_tokenizer", out JsonElement splitter) && splitter.ValueKind != JsonValueKind.Null)
        {
            AddSplitter(splitter);
        }
    }

    /// <summary>Returns the pieces that the model encodes one by one.</summary>
    /// <param name="text">A segment of text between added tokens.</param>
    /// <param name="isFirst">Whether the segment is at the start of the text.</param>
    public IEnumerable<string> Split(string text, bool isFirst)
    {
        foreach (Func<string, string> normalizer in _normalizers)
        {
            text = normalizer(text);
        }

        // Only the first piece of the first segment is at the start of the text.
        IEnumerable<(string Text, bool IsFirst)> pieces = [(text, isFirst)];
        foreach (Func<string, bool, IEnumerable<string>> splitter in _splitters)
        {
            pieces = pieces
                .SelectMany(piece => splitter(piece.Text, piece.IsFirst).Select((part, i) => (part, piece.IsFirst && i == 0)));
        }

        return pieces.Select(piece => piece.Text).Where(piece => piece.Length > 0);
    }

    private void AddNormalizer(JsonElement step)
    {
        switch (step.GetProperty("type").GetString())
        {
            case "Sequence":
                foreach (JsonElement part in step.GetProperty("normalizers").EnumerateArray())
                {
                    AddNormalizer(part);
                }

                break;
            case "Precompiled":
                _normalizers.Add(new PrecompiledNormalizer(step.GetProperty("precompiled_charsmap").GetBytesFromBase64(), _path)
                    .Normalize);
                break;
            case "Strip":
                bool left = step.GetProperty("strip_left").GetBoolean();
                bool right = step.GetProperty("strip_right").GetBoolean();
                _normalizers.Add(text => (left, right) switch
                {
                    (true, true) => text.Trim(),
                    (true, false) => text.TrimStart(),
                    (false, true) => text.TrimEnd(),
                    _ => text,
                });
                break;
            case "Replace":
                _normalizers.Add(Replacement(step.GetProperty("pattern"), step.GetProperty("content").GetString()!));
                break;
            case var type:
                throw new TokenizerException($"{_path} normalizes text with a step of the type {type}, which isn't supported.");
        }
    }

    private static Func<string, string> Replacement(JsonElement pattern, string content)
    {
        if (pattern.TryGetProperty("String", out JsonElement literal))
        {
            string searched = literal.GetString()!;
            return text => text.Replace(searched, content, StringComparison.Ordinal);
        }

        // Without backtracking, so that no file can make the processing of a text take forever.
        Regex regex = new(
            pattern.GetProperty("Regex").GetString()!, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return text => regex.Replace(text, _ => content);
    }

    private void AddSplitter(JsonElement step)
    {
        switch (step.GetProperty("type").GetString())
        {
            case "Sequence":
                foreach (JsonElement part in step.GetProperty("pretokenizers").EnumerateArray())
                {
                    AddSplitter(part);
                }

                break;
            case "WhitespaceSplit":
                _splitters.Add((text, _) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                break;
            case "Metaspace":
                AddMetaspace(step);
                break;
            case var type:
                throw new TokenizerException($"{_path} splits text with a step of the type {type}, which isn't supported.");
        }
    }

    private void AddMetaspace(JsonElement step)
    {
        char mark = step.GetProperty("replacement").GetString() is [char single]
            ? single
            : throw new TokenizerException($"{_path} should replace spaces with one character.");
        bool noPrefix = step.TryGetProperty("add_prefix_space", out JsonElement prefix)
            && prefix.ValueKind == JsonValueKind.False;
        string scheme = noPrefix ? "never"
            : step.TryGetProperty("prepend_scheme", out JsonElement value) ? value.GetString()!
            : "always";
        bool split = !step.TryGetProperty("split", out JsonElement flag) || flag.ValueKind != JsonValueKind.False;
        _splitters.Add((text, isFirst) =>
        {
            text = text.Replace(' ', mark);
            bool prepend = scheme == "always" || (scheme == "first" && isFirst);
            text = prepend && !text.StartsWith(mark) && text.Length > 0 ? mark + text : text;
            return split ? SplitBefore(text, mark) : [text];
        });
    }

    private static IEnumerable<string> SplitBefore(string text, char mark)
    {
        for (int start = 0; start < text.Length;)
        {
            int next = text.IndexOf(mark, start + 1);
            int end = next < 0 ? text.Length : next;
            yield return text[start..end];
            start = end;
        }
    }
}
