using System.Text.Json;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>A lexicon as its file has it.</summary>
internal sealed class LexiconFile
{
    /// <summary>How the file is read.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);

    /// <summary>The things.</summary>
    public required LexiconItem[] Items { get; init; }

    /// <summary>Colours: names and shades.</summary>
    public required Dictionary<string, Dictionary<string, string[]>> Colours { get; init; }

    /// <summary>Sizes.</summary>
    public required Dictionary<string, Dictionary<string, string[]>> Sizes { get; init; }

    /// <summary>Cells.</summary>
    public required Dictionary<string, Dictionary<string, string[]>> Places { get; init; }

    /// <summary>Backgrounds.</summary>
    public required Dictionary<string, Dictionary<string, string[]>> Grounds { get; init; }

    /// <summary>Relations.</summary>
    public required Dictionary<string, Dictionary<string, string[]>> Relations { get; init; }

    /// <summary>Numbers from 0, the canonical word first.</summary>
    public required string[][] Numbers { get; init; }

    /// <summary>British words and their American spelling.</summary>
    public Dictionary<string, string>? Spellings { get; init; }

    /// <summary>Beginnings of words that take "an" against the rule.</summary>
    public string[]? AnBefore { get; init; }

    /// <summary>Beginnings of words that take "a" against the rule.</summary>
    public string[]? ABefore { get; init; }
}
