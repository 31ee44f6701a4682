using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Evaluation;

/// <summary>The cases' scores by suite and category; by language; and where pictures are shown, by whether their objects stand in the middle of their cells.</summary>
/// <param name="cases">The cases.</param>
internal sealed class ScoreTable(IReadOnlyList<EvaluatedCase> cases)
{
    /// <summary>A line for each category, and one for each suite: the share of right cases.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"suite",-12} {"category",-12} {"cases",6} {"right",7} {"en",7} {"zh",7} {"middle",7} {"off it",7}   edits: change, rest";
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
                ["english"] = Share(group.Where(item => item.Sample.Language == TextLanguage.English), item => item.Right),
                ["chinese"] = Share(group.Where(item => item.Sample.Language == TextLanguage.Chinese), item => item.Right),
                ["middle"] = Share(group.Where(item => ShowsPicture(item) && !IsOff(item)), item => item.Right),
                ["off_middle"] = Share(group.Where(IsOff), item => item.Right),
                ["change"] = Share(group, item => item.ChangeRight),
                ["rest"] = Share(group, item => item.RestRight),
            });
        }

        return rows;
    }

    private static string Line(string suite, string category, IReadOnlyList<EvaluatedCase> cases)
    {
        string Right(Func<EvaluatedCase, bool> among) => Text(Share(cases.Where(among), item => item.Right));
        string edits = suite == "edit" ? $"   {Text(Share(cases, item => item.ChangeRight))}, {Text(Share(cases, item => item.RestRight))}" : "";
        return $"{suite,-12} {category,-12} {cases.Count,6} {Right(_ => true),7} {Right(item => item.Sample.Language == TextLanguage.English),7} "
            + $"{Right(item => item.Sample.Language == TextLanguage.Chinese),7} {Right(item => ShowsPicture(item) && !IsOff(item)),7} {Right(IsOff),7}{edits}";
    }

    // Of what is drawn from a text the layout is the world's, always in the middle.
    private static bool ShowsPicture(EvaluatedCase item) => item.Sample.Turns[0].Text.Contains(WorldSample.ImageMark, StringComparison.Ordinal);

    private static bool IsOff(EvaluatedCase item) => item.Sample.Pictures.Any(scene => scene.HasJitter);

    private static double? Share(IEnumerable<EvaluatedCase> cases, Func<EvaluatedCase, bool> right) =>
        cases.Any() ? cases.Count(right) / (double)cases.Count() : null;

    private static string Text(double? share) => share is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "-";
}
