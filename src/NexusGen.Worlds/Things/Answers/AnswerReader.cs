using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Answers;

/// <summary>
/// Reads the meaning of an answer by the words of the lexicon, the longest first. Safe for use by several threads.
/// </summary>
internal sealed partial class AnswerReader
{
    private const string Natural = "natural", Orange = "orange";

    private readonly TextLanguage _language;
    private readonly Dictionary<string, AnswerWord> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AnswerWord> _relations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AnswerSign> _signs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _spellings;
    private readonly int _longest;

    private AnswerReader(TextLanguage language)
    {
        _language = language;
        var lexicon = Lexicon.Of(language);
        _spellings = lexicon.Spellings.DistinctBy(pair => pair.Value).ToDictionary(pair => pair.Value, pair => pair.Key);
        AddForms(lexicon, AnswerPart.Colour, "colour", lexicon.ColourIds, "names", "shades");
        foreach (string id in lexicon.ItemIds)
        {
            Add(AnswerPart.Item, id, lexicon.Items[id].SelectMany(name => new[] { name.Text, name.PluralText }));
        }

        AddForms(lexicon, AnswerPart.Size, "size", lexicon.SizeIds, "names", "is");
        AddForms(lexicon, AnswerPart.Place, "place", lexicon.PlaceIds, "at", "name", "adj");
        AddForms(lexicon, AnswerPart.Ground, "ground", lexicon.GroundIds, "on", "a", "is");
        string background = language == TextLanguage.English ? "the background is " : "背景是";
        foreach (string id in lexicon.GroundIds)
        {
            Add(AnswerPart.Ground, id, lexicon.Words("ground", id, "is").Select(word => background + word));
        }

        AddForms(lexicon, AnswerPart.Relation, "relation", lexicon.RelationIds, "names");
        foreach (string id in lexicon.RelationIds)
        {
            foreach (string text in lexicon.Words("relation", id, "names"))
            {
                _relations.TryAdd(text, new AnswerWord(AnswerPart.Relation, id));
            }
        }

        for (int number = 1; number < lexicon.Numbers.Length; number++)
        {
            Add(AnswerPart.Number, $"{number}", lexicon.Numbers[number]);
        }

        if (language == TextLanguage.English)
        {
            AddEnglish();
        }
        else
        {
            AddChinese(lexicon);
        }

        _longest = _words.Keys.Concat(_signs.Keys).Max(key => Split(key).Length);
    }

    /// <summary>The reader of English.</summary>
    public static AnswerReader English { get; } = new(TextLanguage.English);

    /// <summary>The reader of Chinese.</summary>
    public static AnswerReader Chinese { get; } = new(TextLanguage.Chinese);

    private string Glue => _language == TextLanguage.English ? " " : "";

    /// <summary>The reader of a language.</summary>
    public static AnswerReader Of(TextLanguage language) => language == TextLanguage.English ? English : Chinese;

    /// <summary>Reads an answer.</summary>
    /// <param name="text">The answer.</param>
    public AnswerMeaning Read(string text)
    {
        string[] pieces = Split(text);
        List<AnswerWord[]> clauses = [];
        List<AnswerWord> clause = [];
        bool? affirms = null;
        int at = 0;
        while (at < pieces.Length)
        {
            if (FindLongest(pieces, at) is not var (key, length))
            {
                if (IsBreak(pieces[at]))
                {
                    Close();
                }

                at++;
                continue;
            }

            bool first = at == 0;
            at += length;
            if (_words.TryGetValue(key, out AnswerWord word))
            {
                clause.Add(IsOfAnother(pieces, at - length, key, clause) ? _relations[key] : word);
                continue;
            }

            AnswerSign sign = _signs[key];
            affirms = sign switch
            {
                AnswerSign.No or AnswerSign.NoSuch or AnswerSign.None => false,
                AnswerSign.Yes => affirms ?? true,
                AnswerSign.YesInFront when first => true,
                _ => affirms,
            };

            // "No, …" denies; "no cats" also counts.
            bool counts = sign == AnswerSign.NoSuch && at < pieces.Length && !IsBreak(pieces[at]);
            if (sign == AnswerSign.None || counts)
            {
                clause.Add(new AnswerWord(AnswerPart.Number, AnswerWord.NoneAtAll));
            }
        }

        Close();
        return new AnswerMeaning(affirms, [.. clauses]);

        void Close()
        {
            if (clause.Count > 0)
            {
                clauses.Add(Disentangle(clause));
                clause = [];
            }
        }
    }

    // In Chinese the left of the picture and the left of a thing are one word: 左边, 汽车的左边.
    private bool IsOfAnother(string[] pieces, int at, string key, List<AnswerWord> clause) =>
        at > 0 && pieces[at - 1] == "的" && _relations.ContainsKey(key) && clause.Any(word => word.Part == AnswerPart.Item);

    // In English an orange has the name of its colour.
    private static AnswerWord[] Disentangle(List<AnswerWord> clause)
    {
        for (int i = 0; i < clause.Count; i++)
        {
            AnswerPart? behind = At(i + 1);
            bool named = behind is AnswerPart.Colour or AnswerPart.Place || At(i - 1) is AnswerPart.Number or AnswerPart.Colour
                || (At(i - 1) == AnswerPart.Size && At(i - 2) == AnswerPart.Number);
            if (clause[i] == new AnswerWord(AnswerPart.Colour, Orange) && behind != AnswerPart.Item && named)
            {
                clause[i] = new AnswerWord(AnswerPart.Item, Orange);
            }
        }

        return [.. clause];

        AnswerPart? At(int index) => index >= 0 && index < clause.Count ? clause[index].Part : null;
    }

    [GeneratedRegex(@"[\p{L}\p{N}'-]+|[,.;:!?]")]
    private static partial Regex EnglishPieces();

    private static bool IsBreak(string piece) =>
        piece is "and" or "和" or "以及" || ",.;:!?，。；：！？、".Contains(piece, StringComparison.Ordinal);

    private void AddForms(Lexicon lexicon, AnswerPart part, string kind, IEnumerable<string> ids, params string[] forms)
    {
        foreach (string id in ids)
        {
            Add(part, id, forms.Where(form => lexicon.Has(kind, id, form)).SelectMany(form => lexicon.Words(kind, id, form)));
        }
    }

    private void Add(AnswerPart part, string id, IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            _words.TryAdd(string.Join(Glue, Split(text)), new AnswerWord(part, id));
        }
    }

    private void AddEnglish()
    {
        Add(AnswerPart.Number, "1", ["a", "an"]);
        Add(AnswerPart.Colour, Natural, ["natural colours", "natural colour"]);
        AddSigns(AnswerSign.Yes, "yes", "yeah", "yep", "the same", "that's right");
        AddSigns(AnswerSign.No, "not", "nope", "different", "empty", "that's not right");
        AddSigns(AnswerSign.No, "isn't", "aren't", "don't", "doesn't", "can't", "didn't", "haven't", "hasn't");
        AddSigns(AnswerSign.NoSuch, "no");
        AddSigns(AnswerSign.None, "none", "nothing", "zero", "0", "aren't any", "isn't any", "don't see any");
    }

    private void AddChinese(Lexicon lexicon)
    {
        Add(AnswerPart.Colour, Natural, ["本来的颜色"]);
        Add(AnswerPart.Number, "1", ["一样东西"]);
        AddSigns(AnswerSign.YesInFront, "是", "对", "有", "能", "在", "画了", "看到了");
        AddSigns(AnswerSign.Yes, "没错", "一样");
        AddSigns(AnswerSign.No, "不", "没", "不是", "不对", "不在", "不能", "不一样", "不同", "没看到", "没画");
        AddSigns(AnswerSign.None, "没有", "零", "空的", "什么都没有");
        AddSigns(
            AnswerSign.None, [.. lexicon.Measures.Values.SelectMany(all => all).Distinct().Select(word => $"一{word}也没有")]);
        AddSigns(AnswerSign.Skip, "一共", "一起");
    }

    private void AddSigns(AnswerSign sign, params string[] texts)
    {
        foreach (string text in texts)
        {
            _signs[string.Join(Glue, Split(text))] = sign;
        }
    }

    private (string Key, int Length)? FindLongest(string[] pieces, int at)
    {
        for (int length = Math.Min(_longest, pieces.Length - at); length > 0; length--)
        {
            string key = string.Join(Glue, pieces, at, length);
            if (_words.ContainsKey(key) || _signs.ContainsKey(key))
            {
                return (key, length);
            }
        }

        return null;
    }

    private string[] Split(string text)
    {
        text = text.Replace('’', '\'').ToLowerInvariant();
        return _language == TextLanguage.Chinese
            ? [.. text.Where(letter => !char.IsWhiteSpace(letter)).Select(letter => letter.ToString())]
            : [.. EnglishPieces().Matches(text).Select(match => _spellings.GetValueOrDefault(match.Value, match.Value))];
    }
}
