using System.Collections.Immutable;
using System.Text;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// Says what people ask for and what the model replies, in many hand-written ways. A pure function of its arguments and the
/// dice. Texts are clean: a capital and a final mark; <see cref="Noise"/> makes them what people type. The wordings of intents
/// that begin with <c>answer.</c>, <c>reply.</c> or <c>refuse.</c> use canonical names, all others any. Safe for use by several
/// threads.
/// </summary>
public static class Wording
{
    private const string OnGround = "draw.on";
    private static readonly string[] Replies = ["answer.", "reply.", "refuse."];

    /// <summary>The intents that a language has wordings for.</summary>
    /// <param name="language">The language.</param>
    /// <returns>Their names; the same in all languages.</returns>
    public static ImmutableArray<string> IntentsOf(TextLanguage language) =>
        [.. PatternBook.Of(language).Names.Where(name => !IsPart(name))];

    /// <summary>The number of hand-written patterns of an intent, those of its frames and descriptions included.</summary>
    /// <param name="intent">The intent.</param>
    /// <param name="language">The language.</param>
    /// <returns>The number.</returns>
    public static int CountPatterns(string intent, TextLanguage language)
    {
        PatternBook book = PatternBook.Of(language);
        return book.Lines(intent).Sum(line => line.Pattern.Text is ['{', '@', .. var section, '}'] && !section.Contains('}')
            ? book.Lines(section).Length
            : 1);
    }

    /// <summary>One wording.</summary>
    /// <param name="intent">The intent; see <see cref="Intents"/>.</param>
    /// <param name="slots">What it talks about; all of it is said.</param>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentException">There is no such intent or id, or no wording says what is given.</exception>
    public static string Realize(string intent, Slots slots, TextLanguage language, Dice dice) =>
        Say(intent, slots, language, dice).Text;

    /// <summary>One wording and the form of answer that it asks for.</summary>
    /// <param name="intent">The intent; see <see cref="Intents"/>.</param>
    /// <param name="slots">What it talks about; all of it is said.</param>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="form">For answers, the form that the question asked for; otherwise null.</param>
    /// <returns>The text and the form.</returns>
    /// <exception cref="ArgumentException">There is no such intent or id, or no wording says what is given.</exception>
    public static Said Say(string intent, Slots slots, TextLanguage language, Dice dice, string? form = null)
    {
        (string text, string answer) = Raw(intent, slots, language, dice, form);
        return new Said(Sentence.Clean(text, language), answer);
    }

    /// <summary>Whether there is a wording that says what is given in a form.</summary>
    /// <param name="intent">The intent; see <see cref="Intents"/>.</param>
    /// <param name="slots">What it talks about.</param>
    /// <param name="language">The language.</param>
    /// <param name="form">The form of an answer.</param>
    /// <returns>Whether there is one.</returns>
    internal static bool CanSay(string intent, Slots slots, TextLanguage language, string form)
    {
        Feature said = IsReply(intent) ? slots.Given & ~Feature.ThingPlace : slots.Given;
        return PatternBook.Of(language).Lines(intent)
            .Any(line => line.Fits(slots.Given, said) && (line.Form.Length == 0 || line.Form == form));
    }

    /// <summary>One wording as it is written, without a capital and a final mark, to be joined with another.</summary>
    /// <param name="intent">The intent; see <see cref="Intents"/>.</param>
    /// <param name="slots">What it talks about.</param>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="form">For answers, the form that the question asked for; otherwise null.</param>
    /// <returns>The text and the form.</returns>
    /// <exception cref="ArgumentException">There is no such intent or id, or no wording says what is given.</exception>
    public static (string Text, string Form) Raw(
        string intent, Slots slots, TextLanguage language, Dice dice, string? form = null)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(dice);
        PatternBook book = PatternBook.Of(language);
        bool reply = IsReply(intent);
        var grammar = Grammar.Of(language, slots, reply ? null : dice);

        // A reply needn't say again where the thing is.
        Feature said = reply ? slots.Given & ~Feature.ThingPlace : slots.Given;
        PatternLine line = book.Pick(intent, dice, slots.Given, said, form);
        StringBuilder text = new();
        line.Pattern.Say(text, dice, Slot);
        return (text.ToString(), line.Form);

        void Slot(StringBuilder target, string slot)
        {
            if (slot is PatternBook.Description or PatternBook.Attribute)
            {
                Describe(target, slots.Given, book.Has($"{intent}.{slot}") ? slot : PatternBook.Description);
            }
            else if (slot[0] == '@')
            {
                book.Pick(slot[1..], dice, null, 0, null).Pattern.Say(target, dice, Slot);
            }
            else
            {
                grammar.Say(target, slot);
            }
        }

        // The background is said around any description.
        void Describe(StringBuilder target, Feature given, string part)
        {
            if ((given & Feature.Ground) != 0 && !book.Lines($"{intent}.{part}").Any(inner => inner.Fits(given, given)))
            {
                book.Pick(OnGround, dice, null, 0, null).Pattern.Say(target, dice, (inner, slot) =>
                {
                    if (slot == PatternBook.Description)
                    {
                        Describe(inner, given & ~Feature.Ground, part);
                    }
                    else
                    {
                        Slot(inner, slot);
                    }
                });
                return;
            }

            book.Pick($"{intent}.{part}", dice, given, given, null).Pattern.Say(target, dice, Slot);
        }
    }

    private static bool IsReply(string intent) =>
        Replies.Any(prefix => intent.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsPart(string section) => section.StartsWith("part.", StringComparison.Ordinal)
        || section.EndsWith(".x", StringComparison.Ordinal) || section.EndsWith(".y", StringComparison.Ordinal)
        || section is OnGround or "draw.frame";
}
