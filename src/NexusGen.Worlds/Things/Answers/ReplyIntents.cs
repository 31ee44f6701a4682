using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Answers;

/// <summary>
/// Recognizes what a reply is that answers no question: small talk, or a refusal that says what can't be done. Safe for use by
/// several threads.
/// </summary>
public sealed class ReplyIntents
{
    private const string Refusal = "refuse.";

    private readonly ImmutableArray<(string Intent, Regex Expression)> _intents;

    private ReplyIntents(TextLanguage language)
    {
        var book = PatternBook.Of(language);
        _intents =
        [
            .. Intents.Talks.Select(Intents.ReplyTo).Concat(Intents.Refusals).Distinct()
                .Select(intent => (intent, Expression(book, intent))),
        ];
    }

    private static ReplyIntents English { get; } = new(TextLanguage.English);

    private static ReplyIntents Chinese { get; } = new(TextLanguage.Chinese);

    /// <summary>Returns the intents of a language.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The intents.</returns>
    public static ReplyIntents Of(TextLanguage language) => language == TextLanguage.English ? English : Chinese;

    /// <summary>Returns the intents that have a wording like a reply; several may have the same.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>The names, of <see cref="Intents"/>.</returns>
    public IEnumerable<string> Find(string reply)
    {
        string text = Normal(reply ?? throw new ArgumentNullException(nameof(reply)));
        return _intents.Where(one => one.Expression.IsMatch(text)).Select(one => one.Intent);
    }

    /// <summary>Whether a reply says that something can't be done.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>Whether it does.</returns>
    public bool IsRefusal(string reply) => Find(reply).Any(IsRefusalIntent);

    /// <summary>Whether an intent says that something can't be done.</summary>
    /// <param name="intent">The intent.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsRefusalIntent(string intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return intent.StartsWith(Refusal, StringComparison.Ordinal);
    }

    private static Regex Expression(PatternBook book, string intent)
    {
        StringBuilder expression = new("^(?:");
        Append(expression, intent);
        return new Regex(
            expression.Append(")$").ToString(),
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(10));

        void Append(StringBuilder text, string section)
        {
            foreach (PatternLine line in book.Lines(section))
            {
                text.Append(text[^1] is ':' ? "" : "|");
                line.Pattern.AppendExpression(text, Slot);
                text.Append(@"[.!?。！？]?");
            }
        }

        void Slot(StringBuilder text, string slot)
        {
            if (slot[0] == '@')
            {
                text.Append("(?:");
                Append(text, slot[1..]);
                text.Append(')');
            }
            else
            {
                text.Append(".+?");
            }
        }
    }

    private static string Normal(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();
}
