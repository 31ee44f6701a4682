using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>Chinese: measure words, 的 and the order of attributes.</summary>
internal sealed class ChineseGrammar(Slots slots, Dice? dice) : Grammar(Lexicon.Chinese, slots, dice)
{
    private const double DigitShare = 0.2;
    private const string Person = "person";

    // 红苹果 is said of these, 粉苹果 or 棕苹果 hardly.
    private const string ShortColours = "红黄绿蓝紫黑白";

    /// <inheritdoc/>
    protected override string Thing(Mention thing, string form) => form switch
    {
        "" => Where(thing) + Some(thing),
        "some" or "more" or "class" => Some(thing),
        "scene" => Word("place", thing.Place, "name") + "有" + Some(thing),
        "the" => thing.Pronoun ? It(thing) : The(thing),
        "kind" or "one" => Noun(thing),
        "bare" => thing.Count == 1 ? Noun(thing) : Some(thing),
        "noun" or "nouns" => NameOf(thing)?.One ?? "东西",
        "measure" => MeasureOf(thing),
        "number" or "counted" => Number(thing.Count) + MeasureOf(thing),
        "place" => Word("place", thing.Place, "name"),
        "at" => "在" + Word("place", thing.Place, "name"),
        "adj" => Word("place", thing.Place, "name") + "的",
        "colour" => Word("colour", thing.Colour, "names"),
        "size" => Word("size", thing.Size, "names"),
        "it" or "they" => It(thing),
        "that" => (thing.Count == 1 ? "那" + MeasureOf(thing) : "那" + Number(thing.Count) + MeasureOf(thing)) + Noun(thing),
        "the.bare" => Noun(thing),
        "both" => thing.Count > 1 ? "都" : "",
        _ => throw new FormatException($"Chinese has no form {form} of a thing."),
    };

    /// <inheritdoc/>
    protected override string OffWord(Name word, string form) => form switch
    {
        "" => word.Kind == NameKind.Proper ? word.One : "一" + word.Measure + word.One,
        "bare" or "kind" or "the" => word.One,
        "looked" => word.Kind == NameKind.Proper ? word.One : "一" + word.Measure + Look() + word.One,
        "that" => word.Kind == NameKind.Proper ? word.One : "那" + word.Measure + word.One,
        _ => throw new FormatException($"Chinese has no form {form} of a word."),
    };

    /// <inheritdoc/>
    protected override string Number(int number) => number >= Lexicon.Numbers.Length || Chance(DigitShare)
        ? number.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Lexicon.Numbers[number][0];

    /// <inheritdoc/>
    protected override string List(IReadOnlyList<string> items, bool lines) => lines
        ? string.Join("，", items)
        : items.Count == 1 ? items[0] : $"{string.Join("、", items.Take(items.Count - 1))}和{items[^1]}";

    /// <inheritdoc/>
    protected override string Phrase(string phrase, string form) =>
        form == "of" && phrase.EndsWith('个') ? phrase[..^1] + MeasureOf(Slots.Things[0]) : phrase;

    private static string It(Mention thing) => (thing.Item == Person ? "他" : "它") + (thing.Count > 1 ? "们" : "");

    private string MeasureOf(Mention thing)
    {
        if (NameOf(thing) is not { } name)
        {
            return "个";
        }

        string[] known = Lexicon.Measures[thing.Item!];
        return name.Measure == known[0] && known.Length > 1 ? Lexicon.Pick([.. known], Dice) : name.Measure;
    }

    private string Look()
    {
        string look = Lexicon.RandomLook(Dice);
        return look.EndsWith('色') ? look + "的" : look;
    }

    private string Some(Mention thing) => Number(thing.Count) + MeasureOf(thing) + Noun(thing);

    private string The(Mention thing)
    {
        if (thing.Count > 1)
        {
            return (Dice?.Below(4) ?? 0) switch
            {
                0 => Where(thing) + Noun(thing),
                1 => "所有的" + Where(thing) + Noun(thing),
                2 => Where(thing) + "那" + Number(thing.Count) + MeasureOf(thing) + Noun(thing),
                _ => Where(thing) + Number(thing.Count) + MeasureOf(thing) + Noun(thing),
            };
        }

        return Chance(0.15) ? Where(thing) + "那" + MeasureOf(thing) + Noun(thing) : Where(thing) + Noun(thing);
    }

    private string Where(Mention thing)
    {
        string text = thing.Place is { } place ? Word("place", place, "name") + "的" : "";
        return thing.Relation is { } relation && thing.Other is { } other
            ? $"{text}{Thing(other, "the")}{Word("relation", relation, "names")}的"
            : text;
    }

    // The size stands right before the noun (大红色 would be another colour), unless it is a word of several characters.
    private string Noun(Mention thing)
    {
        string noun = NameOf(thing)?.One ?? (Chance(0.3) ? "物体" : "东西");
        string size = thing.Size is null ? "" : Word("size", thing.Size, "names");
        bool longSize = size.EndsWith('的');
        if (thing.Colour is null)
        {
            return size + noun;
        }

        string colour = ColourWord(thing.Colour);
        bool close = size.Length == 0 || longSize;
        bool brief = close && colour.Length == 2 && colour[1] == '色' && ShortColours.Contains(colour[0]) && Chance(0.3);
        string look = brief ? colour[..1] : colour + (close && noun.Length > 1 && Chance(0.3) ? "" : "的");
        return longSize ? size + look + noun : look + size + noun;
    }
}
