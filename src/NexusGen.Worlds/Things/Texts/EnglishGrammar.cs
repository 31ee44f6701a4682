using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>English: articles, plurals, adjectives and agreement.</summary>
internal sealed class EnglishGrammar(Slots slots, Dice? dice) : Grammar(Lexicon.English, slots, dice)
{
    private const double DigitShare = 0.2;
    private const double BehindShare = 0.04;

    /// <inheritdoc/>
    protected override string Thing(Mention thing, string form) => form switch
    {
        "" => Some(thing) + Where(thing),
        "some" => Some(thing),
        "the" => thing.Pronoun ? Choose(thing, "it", "them") : The(thing),
        "kind" => Noun(thing, plural: true),
        "one" => Noun(thing, plural: false),
        "bare" => thing.Count == 1 ? Noun(thing, plural: false) : $"{Number(thing.Count)} {Noun(thing, plural: true)}",
        "more" => More(thing),
        "noun" => NameOf(thing)?.With("", thing.Count > 1) ?? Choose(thing, "thing", "things"),
        "nouns" => NameOf(thing)?.With("", plural: true) ?? "things",
        "class" => ClassOf(thing),
        "number" => Number(thing.Count),
        "at" or "to" or "place" or "adj" => Word("place", thing.Place, form == "place" ? "name" : form),
        "colour" => Word("colour", thing.Colour, "names"),
        "size" => Word("size", thing.Size, "names"),
        "either" => thing.Count > 1 ? Noun(thing, plural: true) : Some(thing),
        "arethere" => Choose(thing, "is there", "are there"),
        "theresany" => Choose(thing, "there is ", "there are ") + (thing.Count > 1 ? Noun(thing, plural: true) : Some(thing)),
        "the.bare" => The(thing with { Place = null, Relation = null, Name = NameOf(thing)?.Text }),
        "there.not" => Choose(thing, "there isn't", "there aren't"),
        "is" or "be" => Choose(thing, "is", "are"),
        "isnt" => Choose(thing, "isn't", "aren't"),
        "was" => Choose(thing, "was", "were"),
        "has" => Choose(thing, "has", "have"),
        "does" => Choose(thing, "does", "do"),
        "s" => Choose(thing, "s", ""),
        "it" => Choose(thing, "it", "them"),
        "they" => Choose(thing, "it", "they"),
        "theyre" => Choose(thing, "it's", "they're"),
        "its" => Choose(thing, "its", "their"),
        "that" => $"{Choose(thing, "that", "those")} {Noun(thing, thing.Count > 1)}",
        "this" => Choose(thing, "this", "these"),
        "there" => Choose(thing, "there is", "there are"),
        "theres" => Choose(thing, "there's", "there are"),
        "ones" => Choose(thing, "one", "ones"),
        _ => throw new FormatException($"English has no form {form} of a thing."),
    };

    /// <inheritdoc/>
    protected override string OffWord(Name word, string form) => form switch
    {
        "" => word.Kind == NameKind.Countable ? WithArticle(word.One) : word.One,
        "bare" => word.One,
        "kind" => word.Many,
        "the" => word.Kind == NameKind.Proper ? word.One : "the " + word.One,
        "is" => word.Kind == NameKind.PluralOnly ? "are" : "is",
        "isnt" => word.Kind == NameKind.PluralOnly ? "aren't" : "isn't",
        "looked" when word.Kind == NameKind.Countable => WithArticle(Lexicon.RandomLook(Dice) + " " + word.One),
        "looked" => word.One,
        "that" => word.Kind switch
        {
            NameKind.Proper => word.One,
            NameKind.PluralOnly => "those " + word.One,
            _ => "that " + word.One,
        },
        _ => throw new FormatException($"English has no form {form} of a word."),
    };

    /// <inheritdoc/>
    protected override string Phrase(string phrase, string form) => form == "an" ? WithArticle(phrase) : phrase;

    /// <inheritdoc/>
    protected override string Number(int number) => number >= Lexicon.Numbers.Length || Chance(DigitShare)
        ? number.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Lexicon.Numbers[number][0];

    /// <inheritdoc/>
    protected override string List(IReadOnlyList<string> items, bool lines) => lines
        ? string.Join("; ", items)
        : items.Count == 1
            ? items[0]
            : $"{string.Join(", ", items.Take(items.Count - 1))}{(items.Count > 2 && Chance(0.3) ? "," : "")} and {items[^1]}";

    private string Choose(Mention thing, string one, string many) =>
        thing.Count > 1 || NameOf(thing)?.Kind == NameKind.PluralOnly ? many : one;

    private string WithArticle(string noun) => $"{(TakesAn(noun) ? "an" : "a")} {noun}";

    private bool TakesAn(string noun)
    {
        string word = noun.Split(' ', '-')[0];
        return !Lexicon.ABefore.Contains(word) && (Lexicon.AnBefore.Contains(word) || "aeiouAEIOU8".Contains(noun[0]));
    }

    private string Some(Mention thing)
    {
        // "a cat that is red": only where nothing else stands behind.
        bool behind = thing is { Item: not null, Colour: not null, Place: null, Relation: null } && Chance(BehindShare);
        string noun = Noun(thing, thing.Count > 1, coloured: !behind);
        NameKind? kind = NameOf(thing)?.Kind;
        string text = thing.Count > 1 ? $"{Amount(thing.Count, noun)} {noun}"
            : kind is NameKind.PluralOnly or NameKind.Mass ? (Chance(0.5) ? "some " : "") + noun
            : Chance(0.06) ? "one " + noun : WithArticle(noun);
        return behind ? $"{text} that {Choose(thing, "is", "are")} {Word("colour", thing.Colour, "names")}" : text;
    }

    private string Amount(int count, string noun) => count == 2 && Chance(0.15)
        ? Dice!.Chance(0.8) || noun.StartsWith("pairs", StringComparison.Ordinal) ? "a couple of" : "a pair of"
        : Number(count);

    private string The(Mention thing)
    {
        if (thing.Item is null && thing.Place is not null && thing.Colour is null && thing.Size is null && Chance(0.25))
        {
            return $"the {Word("place", thing.Place, "adj")} {(thing.Count > 1 ? "ones" : "one")}";
        }

        string noun = Noun(thing, thing.Count > 1);
        string behind = Where(thing);
        if (thing.Count == 1)
        {
            return behind.Length == 0 && Chance(0.06) ? $"{Choose(thing, "that", "those")} {noun}" : "the " + noun + behind;
        }

        string number = Number(thing.Count);
        return (Dice?.Below(6) ?? 0) switch
        {
            0 or 1 => $"the {number} {noun}{behind}",
            2 when thing.Count == 2 => $"both {noun}{behind}",
            2 => $"all {number} {noun}{behind}",
            3 => $"all the {noun}{behind}",
            _ => $"the {noun}{behind}",
        };
    }

    private string More(Mention thing)
    {
        bool many = thing.Count > 1;
        string noun = Noun(thing, many);
        return many ? $"{Number(thing.Count)} more {noun}" : NameOf(thing)?.Kind == NameKind.PluralOnly
            ? "more " + noun
            : (Chance(0.4) ? "one more " : "another ") + noun;
    }

    // As GenEval's prompts are written: the name of the class with an s, right or not.
    private static string ClassOf(Mention thing)
    {
        string noun = (thing.Colour is null ? "" : thing.Colour + " ") + thing.Item;
        return thing.Count == 1
            ? $"{("aeiou".Contains(noun[0]) ? "an" : "a")} {noun}"
            : $"{Lexicon.English.Numbers[thing.Count][0]} {noun}s";
    }

    private string Where(Mention thing)
    {
        string text = thing.Place is { } place ? " " + Word("place", place, "at") : "";
        return thing.Relation is { } relation && thing.Other is { } other
            ? $"{text} {Word("relation", relation, "names")} {Thing(other, "the")}"
            : text;
    }

    // "The red one", but "the object" where no adjective stands before it.
    private string Nameless(bool described) => described && Chance(0.6) ? "one" : Chance(0.5) ? "object" : "thing";

    private string Noun(Mention thing, bool plural, bool coloured = true)
    {
        string size = thing.Size is null ? "" : Word("size", thing.Size, "names") + " ";
        string colour = thing.Colour is null || !coloured ? "" : ColourWord(thing.Colour) + " ";
        return NameOf(thing) is { } name
            ? name.With(size + colour, plural)
            : size + colour + Nameless(size.Length + colour.Length > 0) + (plural ? "s" : "");
    }
}
