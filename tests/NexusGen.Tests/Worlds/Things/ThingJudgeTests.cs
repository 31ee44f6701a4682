using NexusGen.Worlds.Core;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Judging;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>What the judge of things reads, and what it says of differences.</summary>
public sealed class ThingJudgeTests
{
    private static readonly ThingScene Example = Placed.On(
        "sand",
        Placed.At(0, 0, "dog", "blue"),
        Placed.At(1, 2, "umbrella", null, ThingSize.Medium),
        Placed.At(2, 1, "book", "green", ThingSize.Small));

    [Fact]
    public void WornPicturesAreRead() => AssertRead(seed: 31, scenes: 150, mostWrong: 0);

    [Fact]
    [Trait("Category", "Slow")]
    public void TenThousandWornPicturesAreRead() => AssertRead(seed: 32, scenes: 10_000, mostWrong: 10);

    [Theory]
    [InlineData("soft")]
    [InlineData("cast")]
    [InlineData("blocks")]
    [InlineData("ringing")]
    public void PicturesAsDecodersLeaveThemAreRead(string wear)
    {
        for (ulong i = 0; i < 20; i++)
        {
            Dice dice = new(34, i);
            ThingScene scene = ThingSampler.Draw(dice);
            Picture picture = ThingRenderer.Render(scene);
            Picture worn = wear switch
            {
                "soft" => new Degradation(BlurSigma: 1.4).Apply(picture, dice),
                "cast" => new Degradation(ColourError: 12).Apply(picture, dice),
                "blocks" => DecoderLike.QuantiseBlocks(picture, 20),
                _ => DecoderLike.Ring(picture, 1, 0.7),
            };
            Verdict verdict = ThingJudge.Check(worn, scene);
            Assert.True(verdict.IsRight, $"{scene}: {verdict}");
        }
    }

    [Fact]
    public void PicturesAsTheyAreRenderedAreReadExactly()
    {
        for (ulong i = 0; i < 100; i++)
        {
            Dice dice = new(33, i);
            ThingScene scene = ThingSampler.Jitter(ThingSampler.Draw(dice), dice);
            ThingReading reading = ThingJudge.Read(ThingRenderer.Render(scene));
            Assert.Equal(Verdict.Good, ThingComparison.Instance.Compare(scene, reading));
            foreach ((ReadThing read, PlacedThing placed) in reading.Objects.Zip(scene.Objects))
            {
                (int left, int top) = ThingRenderer.CornerOf(placed);
                int half = ThingGeometry.SpriteSide(placed.Size) / 2;
                Assert.InRange(read.CenterX - left - half, -0.3, 0.3);
                Assert.InRange(read.CenterY - top - half, -0.3, 0.3);
                Assert.InRange(read.Fit, 0.99, 1);
            }
        }
    }

    [Fact]
    public void EveryDifferenceHasItsFault()
    {
        PlacedThing dog = Example.Objects[0];
        Assert.True(ThingJudge.Check(ThingRenderer.Render(Example), Example).IsRight);
        AssertFault(FaultKind.Missing, Example.Objects[1..]);
        AssertFault(FaultKind.Extra, [.. Example.Objects, Placed.At(2, 2, "car")]);
        AssertFault(FaultKind.WrongColour, [dog with { Colour = ThingCatalogue.Colour("red") }, .. Example.Objects[1..]]);
        AssertFault(FaultKind.WrongThing, [dog with { Thing = ThingCatalogue.Thing("cat") }, .. Example.Objects[1..]]);
        AssertFault(FaultKind.WrongSize, [dog with { Size = ThingSize.Medium }, .. Example.Objects[1..]]);
        AssertFault(FaultKind.WrongPlace, [dog with { Cell = new(0, 1) }, .. Example.Objects[1..]]);
        Picture wood = ThingRenderer.Render(new ThingScene(ThingCatalogue.Background("wood"), Example.Objects));
        Assert.Equal(FaultKind.WrongBackground, Assert.Single(ThingJudge.Check(wood, Example).Faults).Kind);
    }

    [Fact]
    public void ANaturalLookCountsAsItsDominantColour()
    {
        ThingScene natural = Placed.On("white", Placed.At(1, 1, "banana"));
        ThingScene yellow = Placed.On("white", Placed.At(1, 1, "banana", "yellow"));
        Assert.True(ThingJudge.Check(ThingRenderer.Render(natural), yellow).IsRight);
        Assert.True(ThingJudge.Check(ThingRenderer.Render(yellow), natural).IsRight);
        ThingScene red = Placed.On("white", Placed.At(1, 1, "banana", "red"));
        Assert.True(ThingJudge.Check(ThingRenderer.Render(red), natural).Has(FaultKind.WrongColour));
        ThingScene spoon = Placed.On("white", Placed.At(1, 1, "spoon"));
        ThingScene black = Placed.On("white", Placed.At(1, 1, "spoon", "black"));
        Assert.True(ThingJudge.Check(ThingRenderer.Render(spoon), black).Has(FaultKind.WrongColour));
    }

    [Fact]
    public void AnEditIsJudgedTwice()
    {
        PlacedThing dog = Example.Objects[0], umbrella = Example.Objects[1];
        ThingScene wanted = Placed.On("sand", [dog with { Colour = ThingCatalogue.Colour("red") }, .. Example.Objects[1..]]);
        Assert.True(Check(wanted).IsRight);
        Assert.Equal((false, true), Parts(Check(Example)));
        ThingScene broken = Placed.On("sand", wanted.Objects[0], umbrella with { Size = ThingSize.Big }, Example.Objects[2]);
        Assert.Equal((true, false), Parts(Check(broken)));
        Picture shifted = new Degradation(ShiftX: 6).Apply(ThingRenderer.Render(wanted), new Dice(0, 0));
        Assert.False(ThingJudge.CheckEdit(shifted, Example, wanted).Rest.IsRight);
        EditVerdict Check(ThingScene drawn) => ThingJudge.CheckEdit(ThingRenderer.Render(drawn), Example, wanted);
        static (bool, bool) Parts(EditVerdict verdict) => (verdict.Change.IsRight, verdict.Rest.IsRight);
    }

    [Fact]
    public void PicturesOfOtherSizesAreRefused() =>
        Assert.Throws<WorldException>(() => ThingJudge.Read(new Picture(112, 112, new byte[3 * 112 * 112])));

    private static void AssertRead(ulong seed, int scenes, int mostWrong)
    {
        int wrong = 0;
        Parallel.For(0, scenes, i =>
        {
            Dice dice = new(seed, (ulong)i);
            ThingScene scene = ThingSampler.Jitter(ThingSampler.Draw(dice), dice);
            Picture picture = ThingWear.Draw(dice).Apply(ThingRenderer.Render(scene), dice);
            if (!ThingJudge.Check(picture, scene).IsRight)
            {
                Interlocked.Increment(ref wrong);
            }
        });
        Assert.InRange(wrong, 0, mostWrong);
    }

    private static void AssertFault(FaultKind kind, IEnumerable<PlacedThing> drawn)
    {
        Verdict verdict = ThingJudge.Check(ThingRenderer.Render(Placed.On("sand", drawn)), Example);
        Assert.Equal(kind, Assert.Single(verdict.Faults).Kind);
    }
}
