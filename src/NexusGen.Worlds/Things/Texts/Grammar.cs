using System.Text;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// The rules of a language for one wording: articles, plurals, agreement and measure words. It remembers the name that it drew
/// for a thing, so that a text keeps to it. Made for one wording; not safe for use by several threads.
/// </summary>
/// <param name="lexicon">The words.</param>
/// <param name="slots">What the wording talks about.</param>
/// <param name="dice">What draws; null for canonical words, as replies have them.</param>
internal abstract class Grammar(Lexicon lexicon, Slots slots, Dice? dice)
{
    private const double ShadeShare = 0.1;
    private readonly Dictionary<Mention, Name> _names = new(ReferenceEqualityComparer.Instance);

    /// <summary>The words.</summary>
    protected Lexicon Lexicon => lexicon;

    /// <summary>What the wording talks about.</summary>
    protected Slots Slots => slots;

    /// <summary>What draws; null for canonical words.</summary>
    protected Dice? Dice => dice;

    /// <summary>The grammar of a language.</summary>
    /// <param name="language">The language.</param>
    /// <param name="slots">What the wording talks about.</param>
    /// <param name="dice">What draws; null for canonical words.</param>
    /// <returns>The grammar.</returns>
    public static Grammar Of(TextLanguage language, Slots slots, Dice? dice) => language == TextLanguage.English
        ? new EnglishGrammar(slots, dice)
        : new ChineseGrammar(slots, dice);

    /// <summary>Writes a slot.</summary>
    /// <param name="text">Where it is written.</param>
    /// <param name="slot">The slot and its form, for instance <c>a.the</c>.</param>
    /// <exception cref="FormatException">There is no such slot or form, or what it needs isn't given.</exception>
    public void Say(StringBuilder text, string slot)
    {
        int dot = slot.IndexOf('.', StringComparison.Ordinal);
        string name = dot < 0 ? slot : slot[..dot], form = dot < 0 ? "" : slot[(dot + 1)..];
        text.Append(name switch
        {
            "all" when form is "there" or "be" => Thing(slots.Things[0], form),
            "all" => List(
                [.. slots.Things.Select(thing => Thing(thing, form is "listed" ? "" : form))], form is "listed" or "scene"),
            "place" => Word("place", slots.Place, form.Length == 0 ? "name" : form),
            "ground" => Word("ground", slots.Ground, form.Length == 0 ? "is" : form),
            "colour" => Word("colour", slots.Colour, form.Length == 0 ? "names" : form),
            "size" => Word("size", slots.Size, form.Length == 0 ? "names" : form),
            "be" when slots.Number is { } amount => amount == 1 ? "is" : "are",
            "bigger" => Word("size", "big", "more"),
            "smaller" => Word("size", "small", "more"),
            "middling" => Word("size", "medium", "more"),
            "relation" when form == "id" => slots.Relation,
            "relation" => Word("relation", slots.Relation, form.Length == 0 ? "names" : form),
            "word" when slots.Word is { } word => OffWord(word, form),
            "phrase" when slots.Phrase is { } phrase => Phrase(phrase, form),
            "number" when slots.Number is { } number => Number(number),
            "first" when slots.Texts.Length > 0 => slots.Texts[0],
            "second" when slots.Texts.Length > 1 => slots.Texts[1],
            [>= 'a' and <= 'e'] when name[0] - 'a' < slots.Things.Length => Thing(slots.Things[name[0] - 'a'], form),
            _ => throw new FormatException($"Nothing is given for the slot {slot}."),
        });
    }

    /// <summary>A thing in a form.</summary>
    protected abstract string Thing(Mention thing, string form);

    /// <summary>A name that isn't of the world, in a form.</summary>
    protected abstract string OffWord(Name word, string form);

    /// <summary>A fixed phrase in a form.</summary>
    protected abstract string Phrase(string phrase, string form);

    /// <summary>A number, in words or digits.</summary>
    protected abstract string Number(int number);

    /// <summary>A list of texts.</summary>
    protected abstract string List(IReadOnlyList<string> items, bool lines);

    /// <summary>The name of a thing, the same throughout the text; null for "one" or "object".</summary>
    protected Name? NameOf(Mention thing)
    {
        if (thing.Item is null)
        {
            return null;
        }

        if (!_names.TryGetValue(thing, out Name? name))
        {
            name = thing.Name is { } given
                ? lexicon.Items[thing.Item].FirstOrDefault(known => known.Text == given)
                    ?? throw new ArgumentException($"\"{given}\" is no name of {thing.Item}.", nameof(thing))
                : lexicon.PickName(thing.Item, dice, countable: thing.Count > 1);
            _names[thing] = name;
        }

        return name;
    }

    /// <summary>A word of the lexicon.</summary>
    protected string Word(string kind, string? id, string form) => id is null
        ? throw new FormatException($"No {kind} is given.")
        : Lexicon.Pick(lexicon.Words(kind, id, form), dice);

    /// <summary>True with a probability; never in canonical texts.</summary>
    protected bool Chance(double probability) => dice is not null && dice.Chance(probability);

    /// <summary>A colour as people name it: now and then by a shade of it.</summary>
    protected string ColourWord(string colour) => Word("colour", colour, Chance(ShadeShare) ? "shades" : "names");
}
