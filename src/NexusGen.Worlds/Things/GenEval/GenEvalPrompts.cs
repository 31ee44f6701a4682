using System.Collections.Frozen;
using System.Collections.Immutable;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.GenEval;

/// <summary>
/// GenEval's 553 prompts with what their pictures must show (https://github.com/djghosh13/geneval, MIT, copyright 2023 Dhruba
/// Ghosh). No text of training may be one of them.
/// </summary>
public static class GenEvalPrompts
{
    private static readonly FrozenSet<string> Texts;

    static GenEvalPrompts()
    {
        Records = [.. GenEvalPairs.Lines("evaluation_metadata.jsonl").Select(GenEvalRecord.Parse)];
        Texts = Records.Select(record => Normal(record.Prompt)).ToFrozenSet();
        Tags = [.. Records.Select(record => record.Tag).Distinct()];
    }

    /// <summary>The prompts in GenEval's order.</summary>
    public static ImmutableArray<GenEvalRecord> Records { get; }

    /// <summary>The categories in GenEval's order.</summary>
    public static ImmutableArray<string> Tags { get; }

    /// <summary>Whether a text is one of the prompts, whatever its capitals, outer blanks and final mark.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether it is.</returns>
    public static bool Contains(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Texts.Contains(Normal(text));
    }

    private static string Normal(string text) => text.Trim().TrimEnd('.', '!', '?').TrimEnd().ToLowerInvariant();
}
