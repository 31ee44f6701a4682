using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Texts;

/// <summary>One thing to say, with its wordings in both languages (see <see cref="Phrase"/>). The slots are the same in both,
/// though a language needn't use all.</summary>
/// <param name="english">English patterns, in lower case and without a final mark: <see cref="Sentence"/> varies both.</param>
/// <param name="chinese">Chinese patterns, without a final mark.</param>
internal sealed class Intent(string[] english, string[] chinese)
{
    private readonly Phrase _english = new(english);
    private readonly Phrase _chinese = new(chinese);

    /// <summary>The wordings in a language.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The phrase.</returns>
    public Phrase In(TextLanguage language) => language == TextLanguage.English ? _english : _chinese;

    /// <summary>One wording.</summary>
    /// <param name="language">The language.</param>
    /// <param name="dice">What draws.</param>
    /// <param name="slots">What stands in the slots.</param>
    /// <returns>The text.</returns>
    public string Say(TextLanguage language, Dice dice, params ReadOnlySpan<string> slots) => In(language).Say(dice, slots);
}
