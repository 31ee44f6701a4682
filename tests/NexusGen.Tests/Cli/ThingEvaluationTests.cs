using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Evaluation;
using NexusGen.Imaging;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;

namespace NexusGen.Tests.Cli;

/// <summary>The evaluation on the world of things.</summary>
public sealed class ThingEvaluationTests
{
    private static EvaluationSettings Settings(int count = 500, TextLanguage? language = null) => new()
    {
        World = "things",
        Model = "",
        Weights = default,
        Seed = 1,
        Jitter = null,
        Language = language,
        Count = count,
    };

    // The shipped model is of another world: it fails, and every case is judged.
    [Fact]
    public async Task EverySuiteRuns()
    {
        using var folder = new TemporaryFolder();
        CliRun run = await CliRun.Of(
            "eval", "things", "--count", "1", "--language", "en", "--steps", "1", "--out", folder["scores"], "--json");
        Assert.True(run.Code == ExitCode.Success, run.Error);
        JsonNode read = JsonNode.Parse(run.Out)!;
        JsonNode[] rows = [.. read["scores"]!.AsArray().Select(row => row!)];
        Assert.Equal(
            ThingSuites.Names.SelectMany(suite => ThingSuites.CategoriesOf(suite).Select(category => $"{suite} {category}")),
            rows.Select(row => $"{row["suite"]} {row["category"]}"));
        Assert.All(rows, row => Assert.Equal(1, (int)row["cases"]!));
        Assert.NotEmpty(read["predictions"]!.AsArray());
        JsonNode[] cases = [.. File.ReadAllLines(folder["scores/cases.jsonl"]).Select(line => JsonNode.Parse(line)!)];
        Assert.All(cases, item => Assert.Equal((bool)item["right"]!, ((string)item["fault"]!).Length == 0));
    }

    [Fact]
    public void FixedSuitesHaveAllTheirCases()
    {
        var both = new ThingEvaluation(null!, Settings());
        Assert.Equal(2 * 553, ThingSuites.CategoriesOf("geneval").Sum(category => both.CountOf("geneval", category)));
        Assert.Equal(6, ThingSuites.CategoriesOf("geneval").Length);
        Assert.True(both.CountOf("wording", "draw") >= 2 * 60);
        var few = new ThingEvaluation(null!, Settings(count: 3, TextLanguage.Chinese));
        Assert.Equal((3, 3), (few.CountOf("geneval", "colors"), few.CountOf("understand", "count")));
        Assert.All(
            Enumerable.Range(0, 3),
            number => Assert.Equal(TextLanguage.Chinese, few.CaseOf("geneval", "colors", number).Language));
    }

    // What is tested was not trained, and conversations have six turns of the user.
    [Fact]
    public void CasesAreOfTheTestSplit()
    {
        foreach (string suite in new[] { "generate", "edit", "composition", "conversation" })
        {
            foreach (string category in ThingSuites.CategoriesOf(suite))
            {
                ThingSample sample = ThingSuites.SampleOf(suite, category, 2, Settings())!;
                Assert.Equal(category, sample.Category);
                Assert.Equal(suite == "composition", sample.Target is { } target
                    && (ThingSplits.HasHeldOutPair(target) || GenEvalPairs.Has(target)));
                Assert.True(
                    sample.Target is not { } drawn || ThingSplits.Of(drawn) == WorldSplit.Test,
                    $"{suite}/{category}: {sample.Target}");
                Assert.Equal(suite == "conversation", sample.Turns.Length == 12);
            }
        }
    }

    [Fact]
    public void OutsideAnEditThePixelsAreCompared()
    {
        var cell = new Cell(0, 0);
        ThingBackground white = ThingCatalogue.Background("white");
        RgbImage Render(params PlacedThing[] things) => ThingEvaluation.Render(new ThingScene(white, things));
        var cat = new PlacedThing(ThingCatalogue.Thing("cat"), null, ThingSize.Big, new Cell(2, 2));
        var dog = new PlacedThing(ThingCatalogue.Thing("dog"), null, ThingSize.Big, cell);
        RgbImage before = Render(cat, dog), after = Render(cat);
        Assert.Equal(100, OutsidePsnr.Measure(before, after, before, after));
        RgbImage red = Render(cat with { Colour = ThingCatalogue.Colour("red") });
        Assert.InRange(OutsidePsnr.Measure(before, red, before, after)!.Value, 5, 30);
        byte[] lighter = [.. after.Pixels.ToArray().Select(value => (byte)(value > 127 ? value - 1 : value + 1))];
        Assert.Equal(
            48.13, OutsidePsnr.Measure(before, RgbImage.FromBytes(lighter, after.Width, after.Height), before, after)!.Value, 2);
        var black = RgbImage.FromBytes(new byte[before.Pixels.Length], before.Width, before.Height);
        Assert.Null(OutsidePsnr.Measure(before, after, black, after));
    }

    [Theory]
    [InlineData(0.9, 100, 0.826, 0.945)]
    [InlineData(1, 500, 0.992, 1)]
    [InlineData(0, 10, 0, 0.278)]
    public void IntervalsAreWilsons(double share, int count, double low, double high)
    {
        (double from, double to) = ConfidenceInterval.Wilson(share, count);
        Assert.Equal((low, high), (Math.Round(from, 3), Math.Round(to, 3)));
    }

    // GenEval's overall score weighs its categories alike.
    [Fact]
    public void TheOverallScoreOfGenEvalIsTheMeanOfItsCategories()
    {
        static EvaluatedCase Case(string category, bool right)
        {
            EvaluationCase item = new("geneval", category, TextLanguage.English, [""], []);
            return right ? item.Succeed("") : item.Fail("", "wrong");
        }

        var table = new ScoreTable([Case("colors", true), Case("colors", true), Case("colors", true), Case("counting", false)]);
        Assert.Matches(@"geneval\s+all\s+4\s+0\.500", table.Lines().Last());
    }

    [Fact]
    public void AConversationCountsByItsTurns()
    {
        EvaluationCase item = new("conversation", "drawn", TextLanguage.English, ["", ""], []);
        var table = new ScoreTable([item.Fail("", "turn 2") with { Score = 0.75 }, item.Succeed("")]);
        Assert.Matches(@"conversation drawn\s+2\s+0\.875", table.Lines().ElementAt(1));
    }
}
