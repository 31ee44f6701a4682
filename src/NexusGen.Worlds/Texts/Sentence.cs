using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Texts;

/// <summary>Makes sentences of wordings as people type them: capital and final mark come and go.</summary>
internal static class Sentence
{
    private const double CapitalShare = 0.6;
    private const double MarkShare = 0.7;

    /// <summary>A question as someone types it.</summary>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="text">The wording.</param>
    /// <returns>The question.</returns>
    public static string Question(TextLanguage language, Dice dice, string text) =>
        Vary(language, dice, text, language == TextLanguage.English ? "?" : "？");

    /// <summary>A request or statement as someone types it.</summary>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="text">The wording.</param>
    /// <returns>The request.</returns>
    public static string Request(TextLanguage language, Dice dice, string text) =>
        Vary(language, dice, text, language == TextLanguage.English ? "." : "。");

    private static string Vary(TextLanguage language, Dice dice, string text, string mark)
    {
        text = language == TextLanguage.English && dice.Chance(CapitalShare) ? Capital(text) : text;
        return dice.Chance(MarkShare) ? text + mark : text;
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
