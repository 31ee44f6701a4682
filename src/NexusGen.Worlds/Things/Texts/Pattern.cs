using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// A wording: <c>[a|b|]</c> is a choice, drawn evenly, which may be empty and may hold others; <c>{a.the}</c> is a slot and its
/// form; <c>{@polite}</c> is a line of another section. Parsed once; safe for use by several threads.
/// </summary>
internal sealed class Pattern
{
    private readonly INode _root;

    private Pattern(string text, INode root, ImmutableArray<string> slots) => (Text, _root, Slots) = (text, root, slots);

    private interface INode
    {
        void Say(StringBuilder text, Dice dice, Action<StringBuilder, string> slot);

        void AppendExpression(StringBuilder expression, Action<StringBuilder, string> slot);
    }

    /// <summary>The pattern as it is written.</summary>
    public string Text { get; }

    /// <summary>All slots of all choices.</summary>
    public ImmutableArray<string> Slots { get; }

    /// <summary>Parses a pattern.</summary>
    /// <param name="pattern">The text.</param>
    /// <returns>The pattern.</returns>
    /// <exception cref="FormatException">A bracket isn't closed or isn't opened.</exception>
    public static Pattern Parse(string pattern)
    {
        int at = 0;
        ImmutableArray<string>.Builder slots = ImmutableArray.CreateBuilder<string>();
        INode root = ParseSequence(pattern, ref at, "", slots);
        return at == pattern.Length
            ? new Pattern(pattern, root, slots.ToImmutable())
            : throw new FormatException($"Unexpected '{pattern[at]}' at {at} of \"{pattern}\".");
    }

    /// <summary>Appends one wording.</summary>
    /// <param name="text">Where it is written.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="slot">Writes what stands in a slot.</param>
    public void Say(StringBuilder text, Dice dice, Action<StringBuilder, string> slot) => _root.Say(text, dice, slot);

    /// <summary>Appends a regular expression of all wordings.</summary>
    /// <param name="expression">Where it is written.</param>
    /// <param name="slot">Writes the expression of what may stand in a slot.</param>
    public void AppendExpression(StringBuilder expression, Action<StringBuilder, string> slot) =>
        _root.AppendExpression(expression, slot);

    private static Sequence ParseSequence(string pattern, ref int at, string ends, ImmutableArray<string>.Builder slots)
    {
        List<INode> parts = [];
        while (at < pattern.Length && !ends.Contains(pattern[at]))
        {
            parts.Add(pattern[at] switch
            {
                '[' => ParseChoice(pattern, ref at, slots),
                '{' => ParseSlot(pattern, ref at, slots),
                _ => ParseWords(pattern, ref at),
            });
        }

        return new Sequence([.. parts]);
    }

    private static Choice ParseChoice(string pattern, ref int at, ImmutableArray<string>.Builder slots)
    {
        List<INode> options = [];
        do
        {
            at++;
            options.Add(ParseSequence(pattern, ref at, "|]", slots));
            if (at == pattern.Length)
            {
                throw new FormatException($"A '[' isn't closed in \"{pattern}\".");
            }
        }
        while (pattern[at] == '|');
        at++;
        return new Choice([.. options]);
    }

    private static Slot ParseSlot(string pattern, ref int at, ImmutableArray<string>.Builder slots)
    {
        int end = pattern.IndexOf('}', at);
        if (end < 0)
        {
            throw new FormatException($"A '{{' isn't closed in \"{pattern}\".");
        }

        string name = pattern[(at + 1)..end];
        slots.Add(name);
        at = end + 1;
        return new Slot(name);
    }

    private static Words ParseWords(string pattern, ref int at)
    {
        int end = pattern.AsSpan(at).IndexOfAny("[]{}|");
        end = end < 0 ? pattern.Length : at + end;
        Words words = end > at
            ? new Words(pattern[at..end])
            : throw new FormatException($"Unexpected '{pattern[at]}' at {at} of \"{pattern}\".");
        at = end;
        return words;
    }

    private sealed record Words(string Text) : INode
    {
        public void Say(StringBuilder text, Dice dice, Action<StringBuilder, string> slot) => text.Append(Text);

        public void AppendExpression(StringBuilder expression, Action<StringBuilder, string> slot) =>
            expression.Append(Regex.Escape(Text));
    }

    private sealed record Slot(string Name) : INode
    {
        public void Say(StringBuilder text, Dice dice, Action<StringBuilder, string> slot) => slot(text, Name);

        public void AppendExpression(StringBuilder expression, Action<StringBuilder, string> slot) => slot(expression, Name);
    }

    private sealed record Choice(INode[] Options) : INode
    {
        public void Say(StringBuilder text, Dice dice, Action<StringBuilder, string> slot) =>
            Options[dice.Below(Options.Length)].Say(text, dice, slot);

        public void AppendExpression(StringBuilder expression, Action<StringBuilder, string> slot)
        {
            expression.Append("(?:");
            for (int i = 0; i < Options.Length; i++)
            {
                expression.Append(i == 0 ? "" : "|");
                Options[i].AppendExpression(expression, slot);
            }

            expression.Append(')');
        }
    }

    private sealed record Sequence(INode[] Parts) : INode
    {
        public void Say(StringBuilder text, Dice dice, Action<StringBuilder, string> slot)
        {
            foreach (INode part in Parts)
            {
                part.Say(text, dice, slot);
            }
        }

        public void AppendExpression(StringBuilder expression, Action<StringBuilder, string> slot)
        {
            foreach (INode part in Parts)
            {
                part.AppendExpression(expression, slot);
            }
        }
    }
}
