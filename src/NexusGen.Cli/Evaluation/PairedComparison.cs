using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Core;

namespace NexusGen.Cli.Evaluation;

/// <summary>
/// Compares an evaluation with an earlier one of the same cases, case by case: by how much the share of correct results differs,
/// with the 95 % confidence interval. Cases that both get right or wrong tell nothing about the difference, so far fewer cases
/// are needed than for two independent shares.
/// </summary>
internal sealed class PairedComparison
{
    private const string All = "all";

    private readonly List<(string Suite, string Category, double Now, double Before)> _pairs = [];

    /// <summary>Pairs the cases of an evaluation with those of an earlier one. Cases that only one has are left out.</summary>
    /// <param name="cases">The cases, in their order within each category.</param>
    /// <param name="folder">The folder of the earlier evaluation.</param>
    /// <exception cref="NexusGenException">The folder has no such cases.</exception>
    public PairedComparison(IEnumerable<EvaluatedCase> cases, string folder)
    {
        Dictionary<(string, string), JsonObject[]> earlier = Read(folder);
        foreach (IGrouping<(string Suite, string Category), EvaluatedCase> group in
            cases.GroupBy(item => (item.Case.Suite, item.Case.Category)))
        {
            JsonObject[] before = earlier.GetValueOrDefault(group.Key, []);
            foreach ((EvaluatedCase now, JsonObject then) in group.Zip(before))
            {
                if (then["turns"] is not JsonArray turns || !turns.Select(turn => (string?)turn).SequenceEqual(now.Case.Turns))
                {
                    throw new NexusGenException(
                        $"{folder} has other cases of {group.Key.Suite}/{group.Key.Category}; compare evaluations with the same "
                        + "world, seed, language and jitter.");
                }

                _pairs.Add((group.Key.Suite, group.Key.Category, now.Score, (double)then["score"]!));
            }
        }

        if (_pairs.Count == 0)
        {
            throw new NexusGenException($"{folder} has none of the cases that were evaluated; name the folder of an --out.");
        }
    }

    /// <summary>Checks that a folder contains an evaluation, before hours are spent on one to compare with it.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="NexusGenException">It contains none.</exception>
    public static void Check(string folder)
    {
        if (!File.Exists(Path.Combine(folder, CaseFolder.CasesName)))
        {
            throw new NexusGenException(
                $"--against: {folder} contains no evaluation ({CaseFolder.CasesName}); name the folder of an --out.");
        }
    }

    /// <summary>Returns the lines of the table: one for each category and suite, and one for all cases.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{"suite",-12} {"category",-16} {"pairs",6} {"now",6} {"before",6} {"better",6} {"worse",6} {"change",7} "
            + $"{"low",7} {"high",7}";
        foreach ((string suite, string category, Row row) in Rows())
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{suite,-12} {category,-16} {row.Pairs,6} {row.Now,6:0.000} {row.Before,6:0.000} {row.Better,6:0.#} "
                + $"{row.Worse,6:0.#} {row.Change,7:+0.000;-0.000} {row.Low,7:+0.000;-0.000} {row.High,7:+0.000;-0.000}");
        }
    }

    /// <summary>Returns the rows as JSON.</summary>
    public JsonArray ToJson()
    {
        JsonArray rows = [];
        foreach ((string suite, string category, Row row) in Rows())
        {
            rows.Add((JsonNode)new JsonObject
            {
                ["suite"] = suite,
                ["category"] = category,
                ["pairs"] = row.Pairs,
                ["now"] = row.Now,
                ["before"] = row.Before,
                ["better"] = row.Better,
                ["worse"] = row.Worse,
                ["change"] = row.Change,
                ["low"] = row.Low,
                ["high"] = row.High,
            });
        }

        return rows;
    }

    private IEnumerable<(string Suite, string Category, Row Row)> Rows()
    {
        foreach (var suite in _pairs.GroupBy(pair => pair.Suite))
        {
            foreach (var category in suite.GroupBy(pair => pair.Category))
            {
                yield return (suite.Key, category.Key, Row.Of(category.Select(pair => (pair.Now, pair.Before))));
            }

            yield return (suite.Key, All, Row.Of(suite.Select(pair => (pair.Now, pair.Before))));
        }

        yield return (All, All, Row.Of(_pairs.Select(pair => (pair.Now, pair.Before))));
    }

    private static Dictionary<(string, string), JsonObject[]> Read(string folder)
    {
        Check(folder);
        return TextFile.ReadLines(Path.Combine(folder, CaseFolder.CasesName)).Select(CaseFolder.TryParse).OfType<JsonObject>()
            .Where(line => line["suite"] is not null && line["category"] is not null && line["score"] is not null)
            .GroupBy(line => ((string)line["suite"]!, (string)line["category"]!))
            .ToDictionary(group => group.Key, group => group.ToArray());
    }

    private sealed record Row(
        int Pairs, double Now, double Before, double Better, double Worse, double Change, double Low, double High)
    {
        public static Row Of(IEnumerable<(double Now, double Before)> pairs)
        {
            (double Now, double Before)[] all = [.. pairs];
            double better = all.Sum(pair => Math.Max(0, pair.Now - pair.Before));
            double worse = all.Sum(pair => Math.Max(0, pair.Before - pair.Now));
            (double low, double high) = ConfidenceInterval.Paired(better, worse, all.Length);
            return new Row(
                all.Length,
                all.Average(pair => pair.Now),
                all.Average(pair => pair.Before),
                better,
                worse,
                (better - worse) / all.Length,
                low,
                high);
        }
    }
}
