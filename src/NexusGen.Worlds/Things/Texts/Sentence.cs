using System.Text;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>Capitals and final marks.</summary>
internal static class Sentence
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
            return text.Length == 0 || "。？！…～".Contains(text[^1]) ? text : text + "。";
        }

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
}
