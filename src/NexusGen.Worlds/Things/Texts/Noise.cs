using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>
/// Makes clean texts what people type: capitals and marks come and go, articles are left out, spelling is British or American,
/// and now and then there is a typo. A pure function of the text and the dice. Safe for use by several threads.
/// </summary>
public static partial class Noise
{
    private const string Particles = "吧呀啊呗哈啦呢";

    /// <summary>A text as someone types it.</summary>
    /// <param name="text">The clean text.</param>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="options">How careless it is; <see cref="NoiseOptions.Default"/> if null.</param>
    /// <returns>The text.</returns>
    public static string Apply(string text, TextLanguage language, Dice dice, NoiseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(dice);
        options ??= NoiseOptions.Default;
        return language == TextLanguage.English ? English(text, dice, options) : Chinese(text, dice, options);
    }

    private static string English(string text, Dice dice, NoiseOptions options)
    {
        text = dice.Chance(options.American) ? American(text) : text;
        text = dice.Chance(options.NoArticles) ? WithoutArticles(text) : text;
        text = dice.Chance(options.NoApostrophes) ? text.Replace("'", "", StringComparison.Ordinal) : text;
        text = dice.Chance(options.Typo) ? Typo.In(text, dice) : text;
        text = Mark(text, dice, options);
        if (dice.Chance(options.UpperCase))
        {
            return text.ToUpperInvariant();
        }

        if (dice.Chance(options.LowerCase))
        {
            return text.ToLowerInvariant();
        }

        bool pronoun = text.Length > 1 && text[0] == 'I' && !char.IsLower(text[1]);
        bool acronym = text.Length > 1 && char.IsUpper(text[1]);
        return text.Length > 0 && !pronoun && !acronym && dice.Chance(options.NoCapital)
            ? char.ToLowerInvariant(text[0]) + text[1..]
            : text;
    }

    private static string Chinese(string text, Dice dice, NoiseOptions options)
    {
        if (dice.Chance(options.NoParticle))
        {
            int end = text.Length - 1;
            end -= end > 0 && "。？！".Contains(text[end]) ? 1 : 0;
            text = end > 2 && Particles.Contains(text[end]) ? text.Remove(end, 1) : text;
        }

        text = Mark(text, dice, options);
        text = dice.Chance(options.HalfWidth)
            ? text.Replace('，', ',').Replace('？', '?').Replace('！', '!').Replace('。', '.').Replace('：', ':')
            : text;
        return dice.Chance(options.Traditional) ? Traditional.Of(text) : text;
    }

    private static string Mark(string text, Dice dice, NoiseOptions options)
    {
        if (text.Length < 2 || !".?!。？！".Contains(text[^1]))
        {
            return text;
        }

        if (dice.Chance(options.NoMark))
        {
            return text[..^1];
        }

        return text[^1] is not '.' and not '。' && dice.Chance(options.DoubleMark)
            ? text + new string(text[^1], dice.Between(1, 2))
            : text;
    }

    private static string American(string text) => WordPattern().Replace(text, match =>
    {
        string word = match.Value;
        string spelling = Lexicon.English.Spellings.GetValueOrDefault(word.ToLowerInvariant(), "");
        return spelling.Length == 0
            ? word
            : char.IsUpper(word[0]) ? char.ToUpperInvariant(spelling[0]) + spelling[1..] : spelling;
    });

    // "A couple of" and the like keep theirs.
    private static string WithoutArticles(string text)
    {
        string bare = ArticlePattern().Replace(text, "");
        return bare.Length == 0 ? text : char.IsUpper(text[0]) ? char.ToUpperInvariant(bare[0]) + bare[1..] : bare;
    }

    [GeneratedRegex(@"[A-Za-z]+(-[A-Za-z]+)*")]
    private static partial Regex WordPattern();

    [GeneratedRegex(
        @"\b(a|an|the) (?!(couple|pair|bit|little|few|lot|crowd|herd|dozen|hundred|thousand|million)\b)",
        RegexOptions.IgnoreCase)]
    private static partial Regex ArticlePattern();
}
