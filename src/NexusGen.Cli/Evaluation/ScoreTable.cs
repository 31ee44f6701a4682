using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Worlds.Core;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// The scores of the cases by suite and category and by language, with the 95 % confidence interval. Cases that show the model an
/// image are also scored by whether its objects are in the middle of their cells. A conversation counts by its turns.
/// </summary>
/// <param name="cases">The cases.</param>
internal sealed class ScoreTable(IReadOnlyList<EvaluatedCase> cases)
{
    // GenEval's overall score is the mean of its categories, whatever their sizes.
    private const string MeanSuite = "geneval";

    /// <summary>
    /// Returns the lines of the table: one for each category and one for each suite, with the share of correct cases.
    /// </summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"suite",-12} {"category",-16} {"cases",6} {"correct",7} {"low",6} {"high",6} {"en",6} {"zh",6} "
            + $"{"middle",6} {"off",6}   edits: change, rest, dB outside";
        foreach (IGrouping<string, EvaluatedCase> suite in cases.GroupBy(item => item.Case.Suite))
        {
            EvaluatedCase[][] categories = [.. suite.GroupBy(item => item.Case.Category).Select(group => group.ToArray())];
            foreach (EvaluatedCase[] category in categories)
            {
                yield return Line(suite.Key, category[0].Case.Category, Row.Of(category));
            }

            yield return Line(
                suite.Key, "all", suite.Key == MeanSuite ? Row.MeanOf([.. categories.Select(Row.Of)]) : Row.Of([.. suite]));
        }
    }

    /// <summary>Returns the scores of each category as JSON.</summary>
    public JsonArray ToJson()
    {
        JsonArray rows = [];
        foreach (IGrouping<(string Suite, string Category), EvaluatedCase> group in
            cases.GroupBy(item => (item.Case.Suite, item.Case.Category)))
        {
            Row row = Row.Of([.. group]);
            rows.Add((JsonNode)new JsonObject
            {
                ["suite"] = group.Key.Suite,
                ["category"] = group.Key.Category,
                ["cases"] = row.Cases,
                ["right"] = row.Right,
                ["low"] = row.Low,
                ["high"] = row.High,
                ["english"] = row.English,
                ["chinese"] = row.Chinese,
                ["middle"] = row.Middle,
                ["off_middle"] = row.Off,
                ["change"] = row.Change,
                ["rest"] = row.Rest,
                ["outside_psnr"] = row.Outside,
            });
        }

        return rows;
    }

    private static string Line(string suite, string category, Row row)
    {
        string edits = suite == "edit"
            ? $"   {Text(row.Change)}, {Text(row.Rest)}, {row.Outside?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-"}"
            : "";
        return $"{suite,-12} {category,-16} {row.Cases,6} {Text(row.Right),7} {Text(row.Low),6} {Text(row.High),6} "
            + $"{Text(row.English),6} {Text(row.Chinese),6} {Text(row.Middle),6} {Text(row.Off),6}{edits}";
    }

    private static string Text(double? share) => share is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "-";

    private sealed record Row(
        int Cases, double? Right, double? Low, double? High, double? English, double? Chinese, double? Middle, double? Off,
        double? Change, double? Rest, double? Outside)
    {
        public static Row Of(EvaluatedCase[] cases)
        {
            double? right = Mean(cases, item => item.Score);
            (double? low, double? high) = ConfidenceInterval.Wilson(right ?? 0, cases.Length);
            return new Row(
                cases.Length, right, low, high,
                Mean(cases.Where(item => item.Case.Language == TextLanguage.English), item => item.Score),
                Mean(cases.Where(item => item.Case.Language == TextLanguage.Chinese), item => item.Score),
                Mean(cases.Where(item => item.Case.IsOffMiddle == false), item => item.Score),
                Mean(cases.Where(item => item.Case.IsOffMiddle == true), item => item.Score),
                Mean(cases, item => item.ChangeRight ? 1 : 0),
                Mean(cases, item => item.RestRight ? 1 : 0),
                Mean(cases.Where(item => item.OutsidePsnr is not null), item => item.OutsidePsnr!.Value));
        }

        // The categories are independent, so the variances of their means add up.
        public static Row MeanOf(Row[] rows)
        {
            double? Of(Func<Row, double?> value) => rows.All(row => value(row) is not null) ? rows.Average(value) : null;
            double right = rows.Average(row => row.Right ?? 0);
            double half = Math.Sqrt(rows.Sum(row => Math.Pow(((row.High - row.Low) / 2) ?? 0, 2))) / rows.Length;
            return new Row(
                rows.Sum(row => row.Cases), right, Math.Max(0, right - half), Math.Min(1, right + half), Of(row => row.English),
                Of(row => row.Chinese), Of(row => row.Middle), Of(row => row.Off), Of(row => row.Change), Of(row => row.Rest),
                null);
        }

        private static double? Mean(IEnumerable<EvaluatedCase> cases, Func<EvaluatedCase, double> value) =>
            cases.Any() ? cases.Average(value) : null;
    }
}
