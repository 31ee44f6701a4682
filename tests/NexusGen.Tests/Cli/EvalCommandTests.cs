using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Tests.Cli;

/// <summary>Evaluations of the shipped model that are stored, stopped and resumed.</summary>
public sealed class EvalCommandTests
{
    private static string[] Command(string folder, params string[] more) =>
        ["eval", "shapesworld", "--suite", "talk,understand,reconstruct", "--count", "3", "--out", folder, .. more];

    [Fact]
    public async Task AStoppedEvaluationGoesOn()
    {
        using var folder = new TemporaryFolder();
        CliRun whole = await CliRun.Of(Command(folder["whole"]));
        Assert.Equal(ExitCode.Success, whole.Code);
        string[] cases = File.ReadAllLines(folder["whole/cases.jsonl"]);
        Assert.Equal(3 * 11, cases.Length);

        using var stop = new CancellationTokenSource();
        Task<CliRun> stopping = CliRun.Of("", stop.Token, Command(folder["broken"]));
        while (!File.Exists(folder["broken/cases.jsonl"]) || new FileInfo(folder["broken/cases.jsonl"]).Length == 0)
        {
            Assert.False(stopping.IsCompleted);
            await Task.Delay(5);
        }

        await stop.CancelAsync();
        CliRun stopped = await stopping;
        Assert.Equal(ExitCode.Cancelled, stopped.Code);
        Assert.Contains("with --resume continues with understand/", stopped.Error);

        CliRun resumed = await CliRun.Of(Command(folder["broken"], "--resume"));
        Assert.Equal((ExitCode.Success, whole.Out), (resumed.Code, resumed.Out));
        Assert.Contains("talk/talk: 3 of 3 (stored)", resumed.Error);
        Assert.Equal(cases, File.ReadAllLines(folder["broken/cases.jsonl"]));
    }

    [Fact]
    public async Task WhatWasCutIsAskedAgainAndFailuresKeepTheirPictures()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["eval", "shapesworld", "--suite", "talk,reconstruct", "--count", "2", "--out", folder["scores"]];
        CliRun first = await CliRun.Of(command);
        string[] cases = File.ReadAllLines(folder["scores/cases.jsonl"]);
        cases[2] = cases[2].Replace("\"right\":true", "\"right\":false", StringComparison.Ordinal)
            .Replace("\"score\":1", "\"score\":0", StringComparison.Ordinal);
        Assert.Contains("\"right\":false", cases[2]);
        File.WriteAllText(folder["scores/cases.jsonl"], string.Join('\n', [.. cases[2..], cases[0], cases[1][..20]]));

        CliRun resumed = await CliRun.Of([.. command, "--resume"]);
        Assert.Equal(ExitCode.Success, resumed.Code);
        Assert.Contains("talk/talk: 2 of 2, ", resumed.Error);
        Assert.Contains("reconstruct/reconstruct: 1 of 2 (stored)", resumed.Error);
        Assert.NotEqual(first.Out, resumed.Out);
        Assert.True(File.Exists(folder["scores/failures.png"]));
        Assert.Equal([.. cases[2..], .. cases[..2]], File.ReadAllLines(folder["scores/cases.jsonl"]));
    }

    [Fact]
    public async Task TwoEvaluationsAreComparedCaseByCase()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["eval", "shapesworld", "--suite", "talk,reconstruct", "--count", "3"];
        Assert.Equal(ExitCode.Success, (await CliRun.Of([.. command, "--out", folder["before"]])).Code);
        string[] cases = File.ReadAllLines(folder["before/cases.jsonl"]);
        Assert.Equal(6, cases.Length);
        Assert.All(cases, line => Assert.Contains("\"score\":1", line));
        cases[4] = cases[4].Replace("\"score\":1", "\"score\":0", StringComparison.Ordinal);
        File.WriteAllLines(folder["before/cases.jsonl"], cases);
        CliRun run = await CliRun.Of([.. command, "--against", folder["before"], "--json"]);
        Assert.Equal(ExitCode.Success, run.Code);
        JsonArray rows = JsonNode.Parse(run.Out)!["against"]!.AsArray();
        JsonNode all = rows[^1]!, talk = rows[0]!;
        Assert.Equal(("all", 6), ((string)all["suite"]!, (int)all["pairs"]!));
        Assert.Equal((1.0, 0.0), ((double)all["better"]!, (double)all["worse"]!));
        Assert.Equal(1.0 / 6, (double)all["change"]!, 6);

        // (2 − 1) / 8 ± 1.96 · √((3/8 − 1/64) / 8)
        Assert.Equal(0.125 - 0.4154, (double)all["low"]!, 3);
        Assert.Equal(0.125 + 0.4154, (double)all["high"]!, 3);
        Assert.Equal(("talk", 0.0), ((string)talk["suite"]!, (double)talk["change"]!));

        CliRun other = await CliRun.Of([.. command, "--seed", "7", "--against", folder["before"]]);
        Assert.NotEqual(ExitCode.Success, other.Code);
        Assert.Contains("has other cases of talk/talk; compare evaluations with the same world, seed", other.Error);
    }

    [Theory]
    [InlineData("already contains an evaluation; use --resume to continue it, or choose another folder.")]
    [InlineData(
        "contains an evaluation with a different seed and number of cases per category (1); choose another folder.",
        "--resume", "--seed", "7", "--count", "2")]
    [InlineData(
        "contains an evaluation with a different jitter and language; choose another folder.", "--resume", "--jitter", "no",
        "--language", "zh")]
    public async Task AnotherEvaluationIsLeftAlone(string said, params string[] more)
    {
        using var folder = new TemporaryFolder();
        string[] command = ["eval", "shapesworld", "--suite", "talk", "--out", folder["scores"]];
        Assert.Equal(ExitCode.Success, (await CliRun.Of([.. command, "--count", "1"])).Code);
        string[] cases = File.ReadAllLines(folder["scores/cases.jsonl"]);
        CliRun other = await CliRun.Of([.. command, .. more.Contains("--count") ? more : [.. more, "--count", "1"]]);
        Assert.NotEqual(ExitCode.Success, other.Code);
        Assert.Contains(said, other.Error);
        Assert.Equal(cases, File.ReadAllLines(folder["scores/cases.jsonl"]));
    }

    [Theory]
    [InlineData(
        "contains an evaluation with a different version of the model's weights; choose another folder.",
        "\"weights\": \"20", "\"weights\": \"19")]
    [InlineData(
        "contains an evaluation with a different model; choose another folder.", "nexus-gen-tiny", "nexus-gen-huge")]
    [InlineData("Can't read the evaluation settings", "{", "[")]
    public async Task CasesOfAnotherModelAreNotMixedIn(string said, string before, string after)
    {
        using var folder = new TemporaryFolder();
        string[] command = ["eval", "shapesworld", "--suite", "talk", "--count", "1", "--out", folder["scores"]];
        Assert.Equal(ExitCode.Success, (await CliRun.Of(command)).Code);
        string settings = File.ReadAllText(folder["scores/evaluation.json"]);
        Assert.Contains(before, settings);
        File.WriteAllText(folder["scores/evaluation.json"], settings.Replace(before, after, StringComparison.Ordinal));
        CliRun other = await CliRun.Of([.. command, "--resume"]);
        Assert.NotEqual(ExitCode.Success, other.Code);
        Assert.Contains(said, other.Error);
        File.Delete(folder["scores/evaluation.json"]);
        Assert.Contains("contains an evaluation without its settings", (await CliRun.Of([.. command, "--resume"])).Error);
    }

    // The last two columns: objects in the middle of their cells, and objects off the middle.
    [Theory]
    [InlineData("yes", @"\s+-\s+\d\.\d+\s*$")]
    [InlineData("no", @"\s+\d\.\d+\s+-\s*$")]
    public async Task JitterIsChosen(string jitter, string columns)
    {
        CliRun run = await CliRun.Of("eval", "shapesworld", "--suite", "reconstruct", "--count", "2", "--jitter", jitter);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Matches(columns, run.Out.TrimEnd().Split('\n')[^1]);
    }

    // Generated images have the world's own layout; only in images to edit can objects be off the middle.
    [Fact]
    public async Task JitterMovesWhatEditsArePredictedFrom()
    {
        async Task<JsonNode[]> RowsAsync(string jitter)
        {
            CliRun run = await CliRun.Of(
                "eval", "shapesworld", "--suite", "predict", "--count", "2", "--jitter", jitter, "--json");
            Assert.Equal(ExitCode.Success, run.Code);
            return [.. JsonNode.Parse(run.Out)!["predictions"]!.AsArray().Select(row => row!)];
        }

        JsonNode[] moved = await RowsAsync("yes"), middle = await RowsAsync("no");
        Assert.All(
            moved.Zip(middle).Where(pair => (string?)pair.First["category"] != "turn"),
            pair => Assert.Equal(
                (string?)pair.First["suite"] == "generate",
                (double)pair.First["mse"]! == (double)pair.Second["mse"]!));
    }

    [Fact]
    public async Task AProgramReadsTheTablesRows()
    {
        string[] command = ["eval", "shapesworld", "--suite", "understand,talk", "--count", "1", "--language", "en"];
        CliRun table = await CliRun.Of(command), json = await CliRun.Of([.. command, "--json"]);
        Assert.Equal((ExitCode.Success, ExitCode.Success), (table.Code, json.Code));
        JsonNode read = JsonNode.Parse(json.Out)!;
        Assert.Equal(ModelFinder.FindTiny(), (string?)read["model"]);
        Assert.Null(read["predictions"]);
        JsonNode[] rows = [.. read["scores"]!.AsArray().Select(row => row!)];
        Assert.Equal(
            [.. Understanding.Categories.Select(category => $"understand {category}"), "talk talk"],
            rows.Select(row => $"{row["suite"]} {row["category"]}"));

        // A line of the table shows the same values, or - if nothing was asked. The line of a suite follows those of its
        // categories.
        string[] columns = ["suite", "category", "cases", "right", "low", "high", "english", "chinese", "middle", "off_middle"];
        Assert.Equal(
            table.Out.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Skip(1)
                .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                .Where(line => line.Split(' ')[1] != "all"),
            rows.Select(row => string.Join(' ', columns.Select(column => Shown(row, column)))));
        Assert.All(rows, row => Assert.Equal(
            (1, (double?)row["right"], null),
            ((int)row["cases"]!, (double?)row["english"], (double?)row["chinese"])));
    }

    [Fact]
    public async Task GoingOnNeedsAFolder()
    {
        CliRun run = await CliRun.Of("eval", "shapesworld", "--suite", "talk", "--count", "1", "--resume");
        Assert.Equal(ExitCode.InvalidUsage, run.Code);
        Assert.Contains("--resume requires --out", run.Error);
    }

    private static string Shown(JsonNode row, string column) => row[column] switch
    {
        null => "-",
        { } value when column is "suite" or "category" or "cases" => value.ToString(),
        { } value => ((double)value).ToString("0.000", CultureInfo.InvariantCulture),
    };
}
