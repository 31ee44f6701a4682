using System.Collections.Immutable;

using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>What an answer must say.</summary>
/// <param name="All">Groups of words; the answer has at least one of each group.</param>
/// <param name="None">Words that the answer doesn't have.</param>
public sealed record ParaphraseAnswer(ImmutableArray<ImmutableArray<string>> All, ImmutableArray<string> None = default)
{
    /// <summary>Whether an answer says it. English words are compared whole, without case; a word that begins with <c>n't</c>
    /// and Chinese words are looked for anywhere.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="language">Its language.</param>
    /// <returns>Whether it does.</returns>
    public bool IsSaidBy(string answer, TextLanguage language)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return All.All(group => group.Any(Has)) && (None.IsDefault || !None.Any(Has));

        bool Has(string word)
        {
            if (language == TextLanguage.Chinese)
            {
                return answer.Contains(word, StringComparison.Ordinal);
            }

            for (int at = answer.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0;
                at = answer.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                int end = at + word.Length;
                bool begins = at == 0 || !char.IsLetterOrDigit(answer[at - 1])
                    || word.StartsWith("n't", StringComparison.Ordinal);
                if (begins && (end == answer.Length || !char.IsLetterOrDigit(answer[end])
                    || answer[end..] is "s" or ['s', not (>= 'a' and <= 'z'), ..]))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
