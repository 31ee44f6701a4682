using System.Text.Json;

namespace NexusGen.ThingSheets;

/// <summary>Derives from GenEval's metadata the combinations of things that training must not have.</summary>
internal static class GenEvalLists
{
    /// <summary>Writes <c>combinations.txt</c>.</summary>
    /// <param name="metadata">GenEval's <c>evaluation_metadata.jsonl</c>.</param>
    /// <param name="folder">The folder of the lists.</param>
    public static void Write(string metadata, string folder)
    {
        List<string> combinations = [];
        foreach (string line in File.ReadLines(metadata))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.GetProperty("tag").GetString() is "two_object" or "color_attr")
            {
                combinations.Add(string.Join('+', root.GetProperty("include").EnumerateArray().Select(Name)));
            }
        }

        combinations.Sort(StringComparer.Ordinal);
        File.WriteAllText(Path.Combine(folder, "combinations.txt"), string.Join('\n', combinations) + "\n");
    }

    private static string Name(JsonElement clause)
    {
        string name = clause.GetProperty("class").GetString()!;
        return clause.TryGetProperty("color", out JsonElement colour) ? $"{name}:{colour.GetString()}" : name;
    }
}
