using System.Globalization;
using System.Text;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Texts;

/// <summary>
/// The wordings of one thing to say, written as patterns: <c>[a|b|]</c> is a choice (it may be empty and may hold others),
/// <c>{0}</c> a slot. Patterns are parsed once; a wording is drawn with dice. Safe for use by several threads.
/// </summary>
internal sealed class Phrase
{
    private readonly Choice _patterns;

    /// <summary>The wordings of several patterns.</summary>
    /// <param name="patterns">At least one pattern.</param>
    public Phrase(params IEnumerable<string> patterns) => _patterns = new Choice([.. patterns.Select(Parse)]);

    private interface INode
    {
        void Say(StringBuilder text, Dice dice, ReadOnlySpan<string> slots);
    }

    /// <summary>One wording, each choice drawn evenly.</summary>
    /// <param name="dice">What draws.</param>
    /// <param name="slots">What stands in the slots.</param>
    /// <returns>The text.</returns>
    public string Say(Dice dice, params ReadOnlySpan<string> slots)
    {
        StringBuilder text = new();
        _patterns.Say(text, dice, slots);
        return text.ToString();
    }

    private static INode Parse(string pattern)
    {
        int at = 0;
        INode node = ParseSequence(pattern, ref at, "");
        return at == pattern.Length ? node : throw new FormatException($"Unexpected '{pattern[at]}' at {at} of \"{pattern}\".");
    }

    private static Sequence ParseSequence(string pattern, ref int at, string ends)
    {
        List<INode> parts = [];
        while (at < pattern.Length && !ends.Contains(pattern[at]))
        {
            parts.Add(pattern[at] switch
            {
                '[' => ParseChoice(pattern, ref at),
                '{' => ParseSlot(pattern, ref at),
                _ => ParseWords(pattern, ref at),
            });
        }

        return new Sequence([.. parts]);
    }

    private static Choice ParseChoice(string pattern, ref int at)
    {
        List<INode> options = [];
        do
        {
            at++;
            options.Add(ParseSequence(pattern, ref at, "|]"));
            if (at == pattern.Length)
            {
                throw new FormatException($"A '[' isn't closed in \"{pattern}\".");
            }
        }
        while (pattern[at] == '|');
        at++;
        return new Choice([.. options]);
    }

    private static Slot ParseSlot(string pattern, ref int at)
    {
        int end = pattern.IndexOf('}', at);
        int number = int.Parse(pattern.AsSpan(at + 1, end - at - 1), CultureInfo.InvariantCulture);
        at = end + 1;
        return new Slot(number);
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
        public void Say(StringBuilder text, Dice dice, ReadOnlySpan<string> slots) => text.Append(Text);
    }

    private sealed record Slot(int Number) : INode
    {
        public void Say(StringBuilder text, Dice dice, ReadOnlySpan<string> slots) => text.Append(slots[Number]);
    }

    private sealed record Choice(INode[] Options) : INode
    {
        public void Say(StringBuilder text, Dice dice, ReadOnlySpan<string> slots) =>
            Options[Options.Length == 1 ? 0 : dice.Below(Options.Length)].Say(text, dice, slots);
    }

    private sealed record Sequence(INode[] Parts) : INode
    {
        public void Say(StringBuilder text, Dice dice, ReadOnlySpan<string> slots)
        {
            foreach (INode part in Parts)
            {
                part.Say(text, dice, slots);
            }
        }
    }
}
