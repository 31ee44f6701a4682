using System.Collections.Frozen;
using System.Globalization;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.GenEval;

/// <summary>The 553 prompts of GenEval as hashes: no text of training may be one of them.</summary>
public static class GenEvalPrompts
{
    private static readonly FrozenSet<ulong> Hashes = GenEvalPairs.Lines("prompts.txt")
        .Select(line => ulong.Parse(line, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToFrozenSet();

    /// <summary>The number of prompts.</summary>
    public static int Count => Hashes.Count;

    /// <summary>Whether a text is one of the prompts, whatever its capitals, outer blanks and final mark.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether it is.</returns>
    public static bool Contains(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Hashes.Contains(StableHash.Of(text.Trim().TrimEnd('.', '!', '?').TrimEnd().ToLowerInvariant()));
    }
}
