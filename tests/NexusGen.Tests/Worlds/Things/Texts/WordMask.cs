using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>Puts aside the names of things, colours, sizes, places, backgrounds, relations and numbers, capitals and marks, so
/// that what remains is how a text is worded.</summary>
internal sealed class WordMask
{
    private const string Mark = "X";

    private static readonly string[] EnglishFillers =
    [
        "a", "an", "the", "some", "one", "ones", "thing", "things", "object", "objects", "both", "all", "another", "more",
        "a couple of", "a pair of", "that is", "that are",
    ];

    private static readonly string[] ChineseFillers = ["的", "那", "所有", "东西", "物体"];

    private readonly HashSet<string> _names;
    private readonly int _longest;
    private readonly bool _english;

    public WordMask(TextLanguage language)
    {
        _english = language == TextLanguage.English;
        IEnumerable<string> measures = Lexicon.Chinese.Items.Values.SelectMany(names => names).Select(name => name.Measure)
            .Concat(Lexicon.Chinese.Measures.Values.SelectMany(all => all));
        _names = [.. Lexicon.Of(language).AllTexts().Concat(_english ? EnglishFillers : ChineseFillers.Concat(measures))
            .Select(Normal)];
        _longest = _names.Max(name => Parts(name).Length);
    }

    /// <summary>A text without case and marks.</summary>
    public static string Normal(string text) => string.Join(
        ' ', new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>How a text is worded.</summary>
    public string Outline(string text)
    {
        string[] parts = Parts(Normal(text));
        List<string> outline = [];
        for (int at = 0; at < parts.Length;)
        {
            int length = Math.Min(_longest, parts.Length - at);
            while (length > 0 && !_names.Contains(string.Join(_english ? " " : "", parts.AsSpan(at, length))))
            {
                length--;
            }

            string next = length > 0 ? Mark : parts[at];
            bool joins = next is "and" or "和" && outline.Count > 0 && outline[^1] == Mark;
            if (!joins && (next != Mark || outline.Count == 0 || outline[^1] != Mark))
            {
                outline.Add(next);
            }

            at += Math.Max(length, 1);
        }

        return string.Join(' ', outline);
    }

    private string[] Parts(string text) =>
        _english ? text.Split(' ') : [.. text.Replace(" ", "", StringComparison.Ordinal).Select(c => c.ToString())];
}
