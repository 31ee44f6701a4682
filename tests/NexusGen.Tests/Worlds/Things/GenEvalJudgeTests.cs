using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>GenEval's rules with the judge in the place of its detector.</summary>
public sealed class GenEvalJudgeTests
{
    private const string Counting = """
        {"tag": "counting", "include": [{"class": "clock", "count": 2}], "exclude": [{"class": "clock", "count": 3}],
        "prompt": "a photo of two clocks"}
        """;

    private const string Position = """
        {"tag": "position", "include": [{"class": "fork", "count": 1}, {"class": "bus", "count": 1, "position": ["above", 0]}],
        "prompt": "a photo of a bus above a fork"}
        """;

    private const string Attribution = """
        {"tag": "color_attr", "include": [{"class": "dog", "count": 1, "color": "black"},
        {"class": "apple", "count": 1, "color": "red"}], "prompt": "a photo of a black dog and a red apple"}
        """;

    [Fact]
    public void ARecordIsRead()
    {
        GenEvalRecord record = GenEvalRecord.Parse(Position);
        Assert.Equal(("position", "a photo of a bus above a fork"), (record.Tag, record.Prompt));
        Assert.Equal([new("fork", 1), new("bus", 1, Relation: "above", Target: 0)], record.Include.AsEnumerable());
        Assert.Empty(record.Exclude);
        Assert.Equal(new GenEvalClause("clock", 3), Assert.Single(GenEvalRecord.Parse(Counting).Exclude));
        Assert.Throws<WorldException>(() => GenEvalRecord.Parse("{}"));
        Assert.Throws<WorldException>(() => GenEvalRecord.Parse("clock"));
    }

    [Fact]
    public void NeitherTooFewNorTooManyAreCounted()
    {
        PlacedThing[] clocks = [Placed.At(0, 0, "clock"), Placed.At(1, 1, "clock", "green"), Placed.At(2, 2, "clock")];
        AssertVerdict(Counting, "", [.. clocks[..2], Placed.At(0, 2, "dog")]);
        AssertVerdict(Counting, "expected clock>=2, found 1", clocks[0]);
        AssertVerdict(Counting, "expected clock<3, found 3", clocks);
    }

    [Fact]
    public void ColoursAreThoseOfTheThingThatIsNamed()
    {
        AssertVerdict(Attribution, "", Placed.At(0, 0, "dog", "black"), Placed.At(0, 1, "apple", "red"));
        AssertVerdict(Attribution, "", Placed.At(0, 0, "dog", "black"), Placed.At(0, 1, "apple"));
        AssertVerdict(
            Attribution, "expected black dog>=1, found 0 black; and red\nexpected red apple>=1, found 0 red; and black",
            Placed.At(0, 0, "dog", "red"), Placed.At(0, 1, "apple", "black"));
    }

    [Theory]
    [InlineData(0, 1, 2, 1, "")]
    [InlineData(0, 1, 1, 2, "")]
    [InlineData(2, 1, 0, 1, "expected bus above target, found below target")]
    [InlineData(1, 0, 1, 2, "expected bus above target, found left of target")]
    [InlineData(1, 2, 2, 1, "")]
    [InlineData(2, 2, 0, 0, "expected bus above target, found right of and below target")]
    public void RelationsAreThoseOfTheMiddles(int row, int column, int targetRow, int targetColumn, string reason) =>
        AssertVerdict(
            Position, reason,
            Placed.At(row, column, "bus"), Placed.At(targetRow, targetColumn, "fork"));

    [Fact]
    public void WithoutATargetThereIsNoRelation() => AssertVerdict(
        Position, "expected fork>=1, found 0\nno target for bus to be above", Placed.At(0, 1, "bus"));

    [Fact]
    public void APictureIsCheckedByWhatIsReadOutOfIt()
    {
        ThingScene scene = Placed.On("cream", Placed.At(0, 1, "bus"), Placed.At(2, 1, "fork", "pink", ThingSize.Small));
        ThingReading reading = ThingJudge.Read(ThingRenderer.Render(scene));
        Assert.Equal(new GenEvalVerdict(true, ""), GenEvalJudge.Check(GenEvalRecord.Parse(Position), reading));
    }

    private static void AssertVerdict(string record, string reason, params PlacedThing[] things)
    {
        IEnumerable<ReadThing> read = things.Select(one => new ReadThing(
            one.Thing, one.Colour, one.Size, one.Cell,
            ThingGeometry.Center(one.Cell.Column), ThingGeometry.Center(one.Cell.Row), 1));
        ThingReading reading = new(ThingCatalogue.Backgrounds[0], [.. read], []);
        Assert.Equal(new GenEvalVerdict(reason.Length == 0, reason), GenEvalJudge.Check(GenEvalRecord.Parse(record), reading));
    }
}
