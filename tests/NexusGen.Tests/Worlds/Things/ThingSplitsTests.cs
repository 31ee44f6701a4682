using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>What training never draws.</summary>
public sealed class ThingSplitsTests
{
    [Fact]
    public void AnEighthOfTheScenesIsForTestingAndHalfOfThatForValidation()
    {
        var counts = Enumerable.Range(0, 8000).Select(i => ThingSplits.Of(ThingSampler.Draw(new Dice(1, (ulong)i))))
            .CountBy(split => split).ToDictionary();
        Assert.InRange(counts[WorldSplit.Test], 900, 1100);
        Assert.InRange(counts[WorldSplit.Validation], 430, 570);
        Assert.Equal(WorldSplit.Test, ThingSplits.Of(ThingSampler.Draw(new Dice(2, 0), WorldSplit.Test, jitter: true)));
        Assert.Throws<WorldException>(() => ThingSampler.Draw(new Dice(2, 0), WorldSplit.Composition));
    }

    [Fact]
    public void ATenthOfThePairsIsHeldOut()
    {
        Assert.InRange(ThingSplits.HeldOutColours.Length, 70, 106);
        Assert.InRange(ThingSplits.HeldOutPairs.Length, 340, 425);
        Assert.Equal(GoldenColours, string.Join(", ", ThingSplits.HeldOutColours.Take(3)));
        Assert.Equal(GoldenPairs, string.Join(", ", ThingSplits.HeldOutPairs.Take(3)));
        Assert.All(ThingSplits.HeldOutPairs, pair => Assert.True(ThingSplits.IsHeldOut(pair.Second, pair.First)));
        Assert.All(ThingCatalogue.Things, thing => Assert.InRange(
            ThingCatalogue.Colours.Count(colour => ThingSplits.IsHeldOut(thing, colour)), 0, 5));
        Assert.All(ThingCatalogue.Things, thing => Assert.False(ThingSplits.IsHeldOut(thing, thing)));
    }

    [Fact]
    public void ASceneWithAHeldOutPairIsNotDrawnInTraining()
    {
        (Thing thing, ThingColour colour) = ThingSplits.HeldOutColours[0];
        (Thing first, Thing second) = ThingSplits.HeldOutPairs[0];
        Assert.True(ThingSplits.HasHeldOutPair(Placed.On("sand", Placed.At(0, 0, thing.Name, colour.Name))));
        Assert.True(ThingSplits.HasHeldOutPair(Placed.On("sand", Placed.At(0, 0, second.Name), Placed.At(2, 2, first.Name))));
        Assert.False(ThingSplits.HasHeldOutPair(Placed.On("sand", Placed.At(0, 0, first.Name), Placed.At(1, 1, first.Name))));
    }

    [Fact]
    public void TheCombinationsOfGenEvalAreExcludedInAnyOrderAndColour()
    {
        Assert.Equal(199, GenEvalPairs.All.Length);
        Assert.Equal(99, GenEvalPairs.All.Count(pair => pair.FirstColour is null));
        Assert.True(GenEvalPairs.Has(Placed.On("white", Placed.At(2, 0, "toothbrush", "green"), Placed.At(0, 0, "apple"))));
        Assert.False(GenEvalPairs.Has(Placed.On("white", Placed.At(2, 0, "toothbrush"), Placed.At(0, 0, "pizza"))));
        PlacedThing backpack = Placed.At(0, 0, "backpack", "purple");
        Assert.True(GenEvalPairs.Has(Placed.On("sky", backpack, Placed.At(1, 1, "umbrella", "white"))));
        Assert.False(GenEvalPairs.Has(Placed.On("sky", backpack, Placed.At(1, 1, "umbrella", "red"))));
    }

    [Fact]
    public void ANaturalLookCountsAsItsColour()
    {
        GenEvalPair pair = GenEvalPairs.All.First(one => one.FirstColour is not null && one.First.Dominant == one.FirstColour);
        PlacedThing second = Placed.At(1, 1, pair.Second.Name, pair.SecondColour!.Name);
        ThingBackground background = ThingLayout.BackgroundOf([second]);
        Assert.True(GenEvalPairs.Has(new ThingScene(background, Placed.At(0, 0, pair.First.Name), second)));
    }

    [Fact]
    public void TrainingScenesAreThoseOfTheSplitWithoutWhatIsExcluded()
    {
        int may = 0;
        for (ulong i = 0; i < 2000; i++)
        {
            ThingScene scene = ThingSampler.Draw(new Dice(5, i));
            bool expected = ThingSplits.Of(scene) == WorldSplit.Train
                && !ThingSplits.HasHeldOutPair(scene) && !GenEvalPairs.Has(scene);
            Assert.Equal(expected, ThingSplits.MayTrain(scene));
            may += expected ? 1 : 0;
        }

        Assert.InRange(may, 600, 1400);
    }

    [Theory]
    [InlineData("a photo of a bench", true)]
    [InlineData("A photo of a bench.", true)]
    [InlineData(" a photo of a yellow skateboard and an orange computer mouse ", true)]
    [InlineData("a photo of a circle", false)]
    [InlineData("a bench", false)]
    public void ThePromptsAreForbiddenTexts(string text, bool forbidden)
    {
        Assert.Equal(553, GenEvalPrompts.Records.Length);
        Assert.Equal(forbidden, GenEvalPrompts.Contains(text));
    }

    private const string GoldenColours = "(triangle, purple), (triangle, pink), (star, orange)";
    private const string GoldenPairs = "(circle, square), (circle, airplane), (circle, boat)";
}
