using System.Globalization;
using System.Text;
using System.Text.Json;

namespace NexusGen.ThingSheets;

/// <summary>Derives from GenEval's metadata what training must not have: combinations of things, and prompts as hashes.</summary>
internal static class GenEvalLists
{
    /// <summary>Writes <c>combinations.txt</c> and <c>prompts.txt</c>.</summary>
    /// <param name="metadata">GenEval's <c>evaluation_metadata.jsonl</c>.</param>
    /// <param name="folder">The folder of the lists.</param>
    public static void Write(string metadata, string folder)
    {
        List<string> combinations = [];
        List<string> prompts = [];
        foreach (string line in File.ReadLines(metadata))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            prompts.Add(Hash(root.GetProperty("prompt").GetString()!).ToString("x16", CultureInfo.InvariantCulture));
            if (root.GetProperty("tag").GetString() is "two_object" or "color_attr")
            {
                combinations.Add(string.Join('+', root.GetProperty("include").EnumerateArray().Select(Name)));
            }
        }

        combinations.Sort(StringComparer.Ordinal);
        prompts.Sort(StringComparer.Ordinal);
        File.WriteAllText(Path.Combine(folder, "combinations.txt"), string.Join('\n', combinations) + "\n");
        File.WriteAllText(Path.Combine(folder, "prompts.txt"), string.Join('\n', prompts) + "\n");
    }

    private static string Name(JsonElement clause)
    {
        string name = clause.GetProperty("class").GetString()!;
        return clause.TryGetProperty("color", out JsonElement colour) ? $"{name}:{colour.GetString()}" : name;
    }

    // FNV-1a of 64 bits, as in NexusGen.Worlds.
    private static ulong Hash(string text) =>
        Encoding.UTF8.GetBytes(text).Aggregate(14695981039346656037, (hash, value) => (hash ^ value) * 1099511628211);
}
