using System.Text;
using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>Capitals and final marks.</summary>
internal static partial class Sentence
{
    /// <summary>A text with a capital at the beginning of each sentence and a mark at its end.</summary>
    /// <param name="text">The wording.</param>
    /// <param name="language">The language.</param>
    /// <returns>The text.</returns>
    public static string Clean(string text, TextLanguage language)
    {
        text = text.Trim();
        if (language == TextLanguage.Chinese)
        {
            return text.Length == 0 || "。？！…～：）?!".Contains(text[^1]) ? text : text + "。";
        }

        text = ParticlePattern().Replace(text, "$1 $3 $2");
        StringBuilder clean = new(text);
        bool begins = true;
        for (int i = 0; i < clean.Length; i++)
        {
            if (begins && char.IsLetterOrDigit(clean[i]))
            {
                clean[i] = char.ToUpperInvariant(clean[i]);
                begins = false;
            }

            begins |= i > 0 && clean[i] == ' ' && ".?!".Contains(clean[i - 1]);
        }

        return clean.Length == 0 || ".?!:)".Contains(clean[^1]) ? clean.ToString() : clean.Append('.').ToString();
    }

    // "take out it" is said "take it out".
    [GeneratedRegex(@"\b([Tt]ake|[Ll]eave|[Ss]cale) (out|up|down) (it|them)\b")]
    private static partial Regex ParticlePattern();
}
