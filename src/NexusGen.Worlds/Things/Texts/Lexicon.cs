using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// The words of a language for what the world has, read from <c>Lexicon/en.json</c> or <c>Lexicon/zh.json</c>; the notation is
/// described in <c>Lexicon/README.md</c>. Of each list the first word is the canonical one. Safe for use by several threads.
/// </summary>
public sealed class Lexicon
{
    private const double FirstShare = 0.45;
    private readonly FrozenDictionary<string, FrozenDictionary<string, ImmutableArray<string>>> _lists;

    private Lexicon(TextLanguage language, LexiconFile file)
    {
        Language = language;
        Items = file.Items.ToFrozenDictionary(item => item.Id, item => item.Read(language));
        Measures = file.Items.ToFrozenDictionary(item => item.Id, item => item.Measures ?? []);
        ItemIds = [.. file.Items.Select(item => item.Id)];
        _lists = new Dictionary<string, Dictionary<string, Dictionary<string, string[]>>>
        {
            ["colour"] = file.Colours,
            ["size"] = file.Sizes,
            ["place"] = file.Places,
            ["ground"] = file.Grounds,
            ["relation"] = file.Relations,
        }.SelectMany(kind => kind.Value.Select(entry => (Key: $"{kind.Key}:{entry.Key}", entry.Value)))
            .ToFrozenDictionary(
                entry => entry.Key,
                entry => entry.Value.ToFrozenDictionary(form => form.Key, form => form.Value.ToImmutableArray()));
        Numbers = [.. file.Numbers.Select(words => words.ToImmutableArray())];
        Spellings = (file.Spellings ?? []).ToFrozenDictionary();
        AnBefore = (file.AnBefore ?? []).ToFrozenSet();
        ABefore = (file.ABefore ?? []).ToFrozenSet();
        ColourIds = [.. file.Colours.Keys];
        SizeIds = [.. file.Sizes.Keys];
        PlaceIds = [.. file.Places.Keys];
        GroundIds = [.. file.Grounds.Keys];
        RelationIds = [.. file.Relations.Keys];
    }

    /// <summary>English.</summary>
    public static Lexicon English { get; } = Load(TextLanguage.English, "Lexicon.en.json");

    /// <summary>Chinese.</summary>
    public static Lexicon Chinese { get; } = Load(TextLanguage.Chinese, "Lexicon.zh.json");

    /// <summary>The language.</summary>
    public TextLanguage Language { get; }

    /// <summary>The ids of the 88 things: eight shapes and the classes of COCO.</summary>
    public ImmutableArray<string> ItemIds { get; }

    /// <summary>The ids of the ten colours.</summary>
    public ImmutableArray<string> ColourIds { get; }

    /// <summary>The ids of the sizes.</summary>
    public ImmutableArray<string> SizeIds { get; }

    /// <summary>The ids of the nine cells.</summary>
    public ImmutableArray<string> PlaceIds { get; }

    /// <summary>The ids of the backgrounds.</summary>
    public ImmutableArray<string> GroundIds { get; }

    /// <summary>The ids of the relations.</summary>
    public ImmutableArray<string> RelationIds { get; }

    /// <summary>The names of each thing.</summary>
    public FrozenDictionary<string, ImmutableArray<Name>> Items { get; }

    /// <summary>The Chinese measure words of each thing; empty in English.</summary>
    internal FrozenDictionary<string, string[]> Measures { get; }

    /// <summary>The words of each number from 0.</summary>
    internal ImmutableArray<ImmutableArray<string>> Numbers { get; }

    /// <summary>British words and their American spelling.</summary>
    internal FrozenDictionary<string, string> Spellings { get; }

    /// <summary>Beginnings of words that take "an" against the rule.</summary>
    internal FrozenSet<string> AnBefore { get; }

    /// <summary>Beginnings of words that take "a" against the rule.</summary>
    internal FrozenSet<string> ABefore { get; }

    /// <summary>The lexicon of a language.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The lexicon.</returns>
    public static Lexicon Of(TextLanguage language) => language == TextLanguage.English ? English : Chinese;

    /// <summary>Draws a name of a thing: the canonical one in almost half of all cases.</summary>
    /// <param name="item">The id.</param>
    /// <param name="dice">What draws; null for the canonical name.</param>
    /// <param name="countable">Whether the name must have a plural.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">There is no such thing.</exception>
    public Name PickName(string item, Dice? dice, bool countable = false)
    {
        if (!Items.TryGetValue(item, out ImmutableArray<Name> names))
        {
            throw new ArgumentException($"The world has no thing \"{item}\".", nameof(item));
        }

        return Pick(countable ? [.. names.Where(name => name.Kind == NameKind.Countable)] : names, dice);
    }

    /// <summary>The words of an id in a form.</summary>
    /// <param name="kind"><c>colour</c>, <c>size</c>, <c>place</c>, <c>ground</c> or <c>relation</c>.</param>
    /// <param name="id">The id.</param>
    /// <param name="form">The form, as the lexicon has it.</param>
    /// <returns>The words.</returns>
    /// <exception cref="ArgumentException">There is no such id or form.</exception>
    public ImmutableArray<string> Words(string kind, string id, string form) =>
        _lists.TryGetValue($"{kind}:{id}", out FrozenDictionary<string, ImmutableArray<string>>? forms)
        && forms.TryGetValue(form, out ImmutableArray<string> words)
            ? words
            : throw new ArgumentException($"The lexicon has no {kind} \"{id}\" in the form {form}.", nameof(id));

    /// <summary>Whether an id has words in a form.</summary>
    /// <param name="kind">The kind, as for <see cref="Words"/>.</param>
    /// <param name="id">The id.</param>
    /// <param name="form">The form, as the lexicon has it.</param>
    /// <returns>Whether there are any.</returns>
    internal bool Has(string kind, string id, string form) =>
        _lists.TryGetValue($"{kind}:{id}", out FrozenDictionary<string, ImmutableArray<string>>? forms)
        && forms.ContainsKey(form);

    /// <summary>Draws one of several words, the first in almost half of all cases.</summary>
    /// <typeparam name="T">Of what.</typeparam>
    /// <param name="words">The words.</param>
    /// <param name="dice">What draws; null for the first.</param>
    /// <returns>The word.</returns>
    internal static T Pick<T>(ImmutableArray<T> words, Dice? dice) =>
        dice is null || words.Length == 1 || dice.Chance(FirstShare) ? words[0] : words[1 + dice.Below(words.Length - 1)];

    /// <summary>Draws the word of a size or a colour.</summary>
    /// <param name="dice">What draws; null for the first colour.</param>
    /// <returns>The word.</returns>
    internal string RandomLook(Dice? dice) => dice is not null && dice.Chance(0.5)
        ? Pick(Words("size", dice.Pick(SizeIds.AsSpan()), "names"), dice)
        : Words("colour", dice is null ? ColourIds[0] : dice.Pick(ColourIds.AsSpan()), "names")[0];

    /// <summary>All words that name something of the world in any form, in lower case.</summary>
    /// <returns>The texts; some of several words.</returns>
    internal IEnumerable<string> AllTexts() =>
        Items.Values.SelectMany(names => names).SelectMany(name => new[] { name.Text, name.PluralText })
            .Concat(_lists.Values.SelectMany(forms => forms.Values).SelectMany(words => words))
            .Concat(Numbers.SelectMany(words => words)).Concat(Spellings.Keys).Concat(Spellings.Values);

    private static Lexicon Load(TextLanguage language, string file) =>
        new(language, JsonSerializer.Deserialize<LexiconFile>(Resources.Text(file), LexiconFile.Options)
            ?? throw new FormatException($"{file} is empty."));
}
