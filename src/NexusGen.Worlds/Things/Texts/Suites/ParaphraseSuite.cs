using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>
/// Texts as strangers write them, which no training text is made from: <c>Suites/paraphrase-*.jsonl</c>, and the same
/// requests, changes and questions with a typo each in <c>Suites/typos-*.jsonl</c>. Safe for use by several threads.
/// </summary>
public static class ParaphraseSuite
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);
    private static readonly ConcurrentDictionary<string, ImmutableArray<ParaphraseCase>> Files = [];

    /// <summary>Reads the cases of a language.</summary>
    /// <param name="language">The language.</param>
    /// <param name="typos">Whether the cases with typos are read instead.</param>
    /// <returns>The cases.</returns>
    public static ImmutableArray<ParaphraseCase> Read(TextLanguage language, bool typos = false)
    {
        string file = $"Suites.{(typos ? "typos" : "paraphrase")}-{(language == TextLanguage.English ? "en" : "zh")}.jsonl";
        return Files.GetOrAdd(file, name =>
        [
            .. Resources.Text(name).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<ParaphraseCase>(line, Options)!),
        ]);
    }
}
