using System.Collections.Frozen;
using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>Slips of the keyboard. They never make another word that the world's texts have.</summary>
internal static partial class Typo
{
    private const int ShortestWord = 4;
    private const int Tries = 8;

    private static readonly string[] Rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    /// <summary>All words of the lexicon, the wordings and what the world doesn't have, in lower case.</summary>
    internal static FrozenSet<string> Known { get; } = AllWords().ToFrozenSet();

    /// <summary>A text with one typo in a word of at least four letters, or as it is if it has no such word.</summary>
    /// <param name="text">The text.</param>
    /// <param name="dice">What draws.</param>
    /// <returns>The text.</returns>
    public static string In(string text, Dice dice)
    {
        Match[] words = [.. LetterPattern().Matches(text).Where(word => word.Length >= ShortestWord)];
        for (int i = 0; i < Tries && words.Length > 0; i++)
        {
            Match word = dice.Pick(words.AsSpan());
            string slip = Slip(word.Value, dice);
            if (slip != word.Value && !Known.Contains(slip.ToLowerInvariant()))
            {
                return text[..word.Index] + slip + text[(word.Index + word.Length)..];
            }
        }

        return text;
    }

    // The first letter stays: people see that one.
    private static string Slip(string word, Dice dice)
    {
        int at = dice.Between(1, word.Length - 1);
        return dice.Below(4) switch
        {
            0 => word.Remove(at, 1),
            1 => word.Insert(at, word[at].ToString()),
            2 when at < word.Length - 1 => word[..at] + word[at + 1] + word[at] + word[(at + 2)..],
            _ => word[..at] + Neighbour(word[at], dice) + word[(at + 1)..],
        };
    }

    private static char Neighbour(char letter, Dice dice)
    {
        foreach (string row in Rows)
        {
            int at = row.IndexOf(char.ToLowerInvariant(letter), StringComparison.Ordinal);
            if (at >= 0)
            {
                return row[at == 0 ? 1 : at == row.Length - 1 ? at - 1 : at + (dice.Chance(0.5) ? 1 : -1)];
            }
        }

        return letter;
    }

    private static IEnumerable<string> AllWords()
    {
        PatternBook book = PatternBook.English;
        IEnumerable<string> patterns = book.Names.SelectMany(name => book.Lines(name))
            .Select(line => SlotPattern().Replace(line.Pattern.Text, " "));
        return patterns.Concat(Lexicon.English.AllTexts()).Concat(OffWorld.English.AllTexts())
            .SelectMany(text => LetterPattern().Matches(text)).Select(word => word.Value.ToLowerInvariant());
    }

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex LetterPattern();

    [GeneratedRegex(@"\{[^}]*\}|[\[\]|]")]
    private static partial Regex SlotPattern();
}
