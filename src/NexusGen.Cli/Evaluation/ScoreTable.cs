using System.Globalization;
using System.Text.Json.Nodes;

namespace NexusGen.Cli.Evaluation;

/// <summary>The cases' scores by suite, category and language.</summary>
/// <param name="cases">The cases.</param>
internal sealed class ScoreTable(IReadOnlyList<EvaluatedCase> cases)
{
    /// <summary>A line for each category, and one for each suite: how many of how many are right, by language.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"suite",-12} {"category",-12} {"cases",6} {"right",7} {"en",7} {"zh",7}   edits: change, rest";
        foreach (IGrouping<string, EvaluatedCase> suite in cases.GroupBy(item => item.Suite))
        {
            foreach (IGrouping<string, EvaluatedCase> category in suite.GroupBy(item => item.Sample.Category))
            {
                yield return Line(suite.Key, category.Key, [.. category]);
            }

            yield return Line(suite.Key, "all", [.. suite]);
        }
    }

    /// <summary>The same for programs.</summary>
    public JsonArray ToJson()
    {
        JsonArray rows = [];
        foreach (IGrouping<(string Suite, string Category), EvaluatedCase> group in cases.GroupBy(item => (item.Suite, item.Sample.Category)))
        {
            rows.Add((JsonNode)new JsonObject
            {
                ["suite"] = group.Key.Suite,
                ["category"] = group.Key.Category,
                ["cases"] = group.Count(),
                ["right"] = Share(group, item => item.Right),
                ["english"] = Share(group.Where(item => item.Sample.Language == ShapesWorld.TextLanguage.English), item => item.Right),
                ["chinese"] = Share(group.Where(item => item.Sample.Language == ShapesWorld.TextLanguage.Chinese), item => item.Right),
                ["change"] = Share(group, item => item.ChangeRight),
                ["rest"] = Share(group, item => item.RestRight),
            });
        }

        return rows;
    }

    private static string Line(string suite, string category, IReadOnlyList<EvaluatedCase> cases)
    {
        IEnumerable<EvaluatedCase> Of(ShapesWorld.TextLanguage language) => cases.Where(item => item.Sample.Language == language);
        string edits = suite == "edit" ? $"   {Text(Share(cases, item => item.ChangeRight))}, {Text(Share(cases, item => item.RestRight))}" : "";
        return $"{suite,-12} {category,-12} {cases.Count,6} {Text(Share(cases, item => item.Right)),7} "
            + $"{Text(Share(Of(ShapesWorld.TextLanguage.English), item => item.Right)),7} {Text(Share(Of(ShapesWorld.TextLanguage.Chinese), item => item.Right)),7}{edits}";
    }

    private static double? Share(IEnumerable<EvaluatedCase> cases, Func<EvaluatedCase, bool> right) =>
        cases.Any() ? cases.Count(right) / (double)cases.Count() : null;

    private static string Text(double? share) => share is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
