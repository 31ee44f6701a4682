using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.GenEval;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;

namespace NexusGen.Tests.Worlds.Things.Tasks;

/// <summary>What each split shows: training draws nothing that is held out, and none of GenEval.</summary>
public sealed class ThingSplitUseTests
{
    private static readonly ThingTask[] Drawing = [ThingTask.Generate, ThingTask.Edit, ThingTask.Converse];

    [Fact]
    public void TrainingDrawsNothingThatIsHeldOutAndSaysNoPromptOfGenEval()
    {
        foreach (ThingTask task in Drawing)
        {
            var mix = new ThingMix(11, task, WorldSplit.Train);
            Parallel.For(0, 3400, place =>
            {
                ThingSample sample = mix[place];
                Assert.All(sample.Pictures, scene => Assert.True(
                    !ThingSplits.HasHeldOutPair(scene) && !GenEvalPairs.Has(scene) && ThingSplits.Of(scene) == WorldSplit.Train,
                    $"{sample.Category}: {scene}"));
                Assert.All(sample.Turns, turn => Assert.False(
                    GenEvalPrompts.Contains(turn.Text.Replace("<image>", "", StringComparison.Ordinal)), turn.Text));
            });
        }
    }

    [Theory]
    [InlineData(WorldSplit.Train)]
    [InlineData(WorldSplit.Validation)]
    [InlineData(WorldSplit.Test)]
    public void AllImagesAreOfTheSplit(WorldSplit split)
    {
        foreach (ThingTask task in Enum.GetValues<ThingTask>())
        {
            var mix = new ThingMix(12, task, split);
            Parallel.For(0, 400, place => Assert.All(mix[place].Pictures, scene => Assert.Equal(split, ThingSplits.Of(scene))));
        }
    }

    [Theory]
    [InlineData(ThingTask.Generate)]
    [InlineData(ThingTask.Edit)]
    public void OfCompositionIsTheResultAlone(ThingTask task)
    {
        var mix = new ThingMix(13, task, WorldSplit.Composition);
        for (int place = 0; place < 300; place++)
        {
            ThingSample sample = mix[place];
            ThingScene target = sample.Target!;
            Assert.True(ThingSplits.HasHeldOutPair(target) || GenEvalPairs.Has(target), $"{sample.Category}: {target}");
            Assert.All(
                sample.Pictures[..^1],
                scene => Assert.False(ThingSplits.HasHeldOutPair(scene) || GenEvalPairs.Has(scene)));
        }
    }
}
