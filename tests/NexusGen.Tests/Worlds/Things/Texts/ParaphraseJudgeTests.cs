using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts.Suites;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>Pictures are judged by what a case of the suite names, and by nothing else.</summary>
public sealed class ParaphraseJudgeTests
{
    /// <summary>The languages.</summary>
    public static TheoryData<TextLanguage> Languages => [.. Enum.GetValues<TextLanguage>()];

    private static ThingReading Read(params PlacedThing[] things) =>
        ThingJudge.Read(ThingRenderer.Render(new ThingScene(ThingCatalogue.Background("white"), things)));

    private static PlacedThing Placed(string item, string? colour, int row, int column, ThingSize size = ThingSize.Big) => new(
        ThingCatalogue.Thing(item), colour is null ? null : ThingCatalogue.Colour(colour), size, new Cell(row, column));

    [Fact]
    public void WhatIsNotNamedMayBeAnything()
    {
        ParaphrasePicture cat = new([new ParaphraseThing("cat")]);
        Assert.True(ParaphraseJudge.Check(cat, Read(Placed("cat", "red", 0, 2, ThingSize.Small))).IsRight);
        Assert.True(ParaphraseJudge.Check(cat, Read(Placed("dog", "red", 0, 2))).Has(FaultKind.WrongThing));
        Assert.True(ParaphraseJudge.Check(cat, Read(Placed("cat", null, 0, 2), Placed("dog", null, 1, 1))).Has(FaultKind.Extra));
        Assert.False(ParaphraseJudge.Check(cat with { Ground = "grass" }, Read(Placed("cat", null, 1, 1))).IsRight);
    }

    [Fact]
    public void WhatIsNamedMustBeThere()
    {
        ParaphrasePicture stars = new(
            [new ParaphraseThing("star", 2, "blue", "small"), new ParaphraseThing("car", Cell: "top left")]);
        PlacedThing car = Placed("car", "red", 0, 0), one = Placed("star", "blue", 1, 1, ThingSize.Small),
            two = Placed("star", "blue", 2, 2, ThingSize.Small);
        Assert.True(ParaphraseJudge.Check(stars, Read(car, one, two)).IsRight);
        Assert.True(ParaphraseJudge.Check(stars, Read(car, one)).Has(FaultKind.Missing));
        Assert.False(ParaphraseJudge.Check(stars, Read(car, one, two with { Size = ThingSize.Big })).IsRight);
        Assert.False(ParaphraseJudge.Check(stars, Read(car, one, two with { Colour = ThingCatalogue.Colour("red") })).IsRight);
        Assert.False(ParaphraseJudge.Check(stars, Read(car with { Cell = new Cell(0, 1) }, one, two)).IsRight);
    }

    [Fact]
    public void RelationsHoldBetweenAllThings()
    {
        ParaphrasePicture above = new(
            [new ParaphraseThing("cat", 2), new ParaphraseThing("dog")], [new ParaphraseRelation(0, "above", 1)]);
        PlacedThing dog = Placed("dog", null, 2, 1);
        Assert.True(ParaphraseJudge.Check(above, Read(Placed("cat", null, 0, 0), Placed("cat", null, 0, 2), dog)).IsRight);
        Assert.False(ParaphraseJudge.Check(above, Read(Placed("cat", null, 0, 0), Placed("cat", null, 2, 2), dog)).IsRight);
        ParaphrasePicture beside = above with { Relations = [new ParaphraseRelation(0, "next to", 1)] };
        Assert.True(ParaphraseJudge.Check(beside, Read(Placed("cat", null, 2, 0), Placed("cat", null, 2, 2), dog)).IsRight);
        Assert.False(ParaphraseJudge.Check(beside, Read(Placed("cat", null, 2, 0), Placed("cat", null, 0, 2), dog)).IsRight);
    }

    // The picture as it was is never the picture after a change, and every scene of the suite can be rendered and read.
    [Theory]
    [MemberData(nameof(Languages))]
    public void TheScenesAreWithoutTheChanges(TextLanguage language)
    {
        foreach (ParaphraseCase item in ParaphraseSuite.Read(language).Where(item => item.Scene is not null))
        {
            ThingReading reading = ThingJudge.Read(ThingRenderer.Render(ParaphraseScenes.Make(item).Scene));
            Assert.True(ParaphraseJudge.Check(item.Scene!, reading).IsRight, item.Id);
            Assert.False(item.Kind == "edit" && ParaphraseJudge.CheckEdit(item, reading).IsRight, item.Id);
        }
    }

    [Theory]
    [InlineData("recolour", "blue car@1,0; blue star@1,2", "blue", true)]
    [InlineData("recolour", "blue car@1,0; blue star@1,1", "blue", false)]
    [InlineData("remove", "blue star@1,2", null, true)]
    [InlineData("remove", "red car@1,0", null, false)]
    [InlineData("move", "red car@0,2; blue star@1,2", null, true)]
    [InlineData("swap", "red car@1,2; blue star@1,0", null, true)]
    [InlineData("swap", "red car@1,0; blue star@1,2", null, false)]
    [InlineData("replace", "cat@1,0; blue star@1,2", null, true)]
    [InlineData("replace", "small cat@1,0; blue star@1,2", null, false)]
    [InlineData("resize", "small red car@1,0; blue star@1,2", null, true)]
    [InlineData("resize", "small red car@1,0; small blue star@1,2", null, false)]
    [InlineData("add", "red car@1,0; blue star@1,2; heart@0,0", null, true)]
    [InlineData("add", "red car@1,0; blue star@1,2; heart@1,1", null, false)]
    [InlineData("add", "red car@1,0; blue star@1,2; cat@0,0", null, false)]
    public void AChangeIsMadeAndNothingElse(string kind, string after, string? colour, bool right)
    {
        ParaphrasePicture scene = new([new ParaphraseThing("car", Colour: "red", Cell: "left"),
            new ParaphraseThing("star", Colour: "blue", Cell: "right")], Ground: "white");
        ParaphraseChange change = kind == "add"
            ? new ParaphraseChange("add", Thing: new ParaphraseThing("heart"), Relation: "above", Other: 0)
            : new ParaphraseChange(
                kind, kind == "swap" ? [0, 1] : [0], By: new ParaphraseThing("cat"), Colour: colour, Size: "smaller",
                Cell: "top right");
        PlacedThing[] things = [.. after.Split("; ").Select(Parse)];
        var item = new ParaphraseCase("x", "edit", "", scene, Changes: [change]);
        Assert.Equal(right, ParaphraseJudge.CheckEdit(item, Read(things)).IsRight);
    }

    [Fact]
    public void GenEvalsPromptsAreTranslated()
    {
        string[] all = [.. GenEvalPrompts.Records.Select(GenEvalChinese.Translate)];
        Assert.Equal(553, all.Length);
        Assert.Equal(all.Length, all.Distinct().Count());
        string Of(string prompt) => GenEvalChinese.Translate(GenEvalPrompts.Records.Single(record => record.Prompt == prompt));
        Assert.Equal("一张长椅的照片", Of("a photo of a bench"));
        Assert.Equal("一张狗在泰迪熊右边的照片", Of("a photo of a dog right of a teddy bear"));
        Assert.Equal("一张紫色酒杯和黑色苹果的照片", Of("a photo of a purple wine glass and a black apple"));
        Assert.Equal("一张两个时钟的照片", Of("a photo of two clocks"));
    }

    private static PlacedThing Parse(string text)
    {
        string[] words = text.Split('@')[0].Split(' ');
        int[] cell = [.. text.Split('@')[1].Split(',').Select(int.Parse)];
        bool small = words[0] == "small";
        words = small ? words[1..] : words;
        return Placed(words[^1], words.Length > 1 ? words[0] : null, cell[0], cell[1], small ? ThingSize.Small : ThingSize.Big);
    }
}
