using System.Collections.Immutable;
using System.Text.Json;
using NexusGen.Worlds.Core;

namespace NexusGen.Worlds.Things.GenEval;

/// <summary>A line of GenEval's <c>evaluation_metadata.jsonl</c>: a prompt and what its picture must and must not show.</summary>
/// <param name="Tag">The category: single_object, two_object, counting, colors, position or color_attr.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Include">What must be there.</param>
/// <param name="Exclude">What must not be there so many times.</param>
public sealed record GenEvalRecord(
    string Tag, string Prompt, ImmutableArray<GenEvalClause> Include, ImmutableArray<GenEvalClause> Exclude)
{
    /// <summary>Reads a line of the metadata.</summary>
    /// <param name="json">The line.</param>
    /// <returns>The record.</returns>
    /// <exception cref="WorldException">The line is no record.</exception>
    public static GenEvalRecord Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return new(
                root.GetProperty("tag").GetString()!, root.GetProperty("prompt").GetString()!,
                Clauses(root, "include"), Clauses(root, "exclude"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new WorldException($"This is no record of GenEval's metadata: {json}");
        }
    }

    private static ImmutableArray<GenEvalClause> Clauses(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(Clause)] : [];

    private static GenEvalClause Clause(JsonElement clause)
    {
        bool placed = clause.TryGetProperty("position", out JsonElement position);
        return new(
            clause.GetProperty("class").GetString()!, clause.GetProperty("count").GetInt32(),
            clause.TryGetProperty("color", out JsonElement colour) ? colour.GetString() : null,
            placed ? position[0].GetString() : null, placed ? position[1].GetInt32() : 0);
    }
}
