using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Tests.Worlds;

/// <summary>Samples are functions of seed and place, keep to their split, and have one right answer.</summary>
public sealed class TasksTests
{
    private const int Count = 3000;

    public static TheoryData<WorldTask> Tasks => [.. Enum.GetValues<WorldTask>()];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void ASampleFollowsFromItsPlace(WorldTask task)
    {
        WorldMix one = new(3, task, WorldSplit.Train), same = new(3, task, WorldSplit.Train), other = new(4, task, WorldSplit.Train);
        string[] Names(WorldMix mix) => [.. Enumerable.Range(0, 50).Reverse().Select(i => Text(mix[i]))];
        Assert.Equal(Names(one), Names(same));
        Assert.NotEqual(Names(one), Names(other));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void MarksPicturesAndTurnsAgree(WorldTask task)
    {
        var mix = new WorldMix(5, task, WorldSplit.Train);
        for (int i = 0; i < Count; i++)
        {
            WorldSample sample = mix[i];
            Assert.Equal(sample.Pictures.Length, sample.Turns.Sum(turn => turn.Text.Split(WorldSample.ImageMark).Length - 1));
            Assert.True(sample.Turns.Length % 2 == 0 && sample.Turns.Select((turn, n) => turn.IsReply == (n % 2 == 1)).All(alternates => alternates));
            Assert.All(sample.Turns, turn => Assert.NotEqual("", turn.Text.Trim()));
            Assert.Equal(sample.Language == TextLanguage.Chinese, sample.Turns.Any(turn => turn.Text.Any(letter => letter >= 0x4e00)));
            Assert.DoesNotContain(sample.Turns, turn => turn.Text.Contains('{') || turn.Text.Contains('['));
        }
    }

    [Theory]
    [InlineData(WorldSplit.Train)]
    [InlineData(WorldSplit.Validation)]
    [InlineData(WorldSplit.Test)]
    public void ScenesKeepToTheirSplit(WorldSplit split)
    {
        foreach (WorldTask task in Enum.GetValues<WorldTask>())
        {
            var mix = new WorldMix(6, task, split);
            for (int i = 0; i < Count / 3; i++)
            {
                WorldSample sample = mix[i];
                Assert.All(sample.Pictures, scene => Assert.Equal(split, Splits.Of(scene)));
                Assert.True(task is WorldTask.Understand or WorldTask.Talk || !sample.Pictures.Any(Splits.HasHeldOutPair), Text(sample));
            }
        }
    }

    [Fact]
    public void TheCopyExerciseAsksForTheSamePictureAndIsNoCategory()
    {
        var mix = new WorldMix(7, WorldTask.Edit, WorldSplit.Train) { Categories = Editing.Exercises };
        Assert.Empty(Editing.Exercises.Intersect(Editing.Categories));
        for (int i = 0; i < 200; i++)
        {
            WorldSample sample = mix[i];
            Assert.Equal(("copy", sample.Source), (sample.Category, sample.Target));
            Assert.Equal(2, sample.Turns.Length);
        }
    }

    [Fact]
    public void TheDrillAsksOneKindOfQuestionAgainAndAgainAndIsNoCategory()
    {
        var mix = new WorldMix(7, WorldTask.Understand, WorldSplit.Train) { Categories = Understanding.Exercises };
        Assert.Empty(Understanding.Exercises.Intersect(Understanding.Categories));
        WorldSample[] samples = [.. Enumerable.Range(0, 400).Select(i => mix[i])];
        Assert.All(samples, sample =>
        {
            Assert.InRange(sample.Turns.Length, 2, 12);
            Assert.Equal(sample.Pictures.Length, sample.Turns.Sum(turn => turn.Text.Split(WorldSample.ImageMark).Length - 1));
            Assert.All(sample.Turns.Skip(1), turn => Assert.DoesNotContain(WorldSample.ImageMark, turn.Text));
            Assert.All(sample.Turns.Index(), turn => Assert.Equal(turn.Index % 2 == 1, turn.Item.IsReply));
        });
        Assert.True(samples.Average(sample => sample.Turns.Length) > 8);

        // Yes and no, the first and the second: none may be the better guess by far.
        foreach ((string one, string other) in new[] { ("yes", "no"), ("the first", "the second") })
        {
            double ones = samples.Sum(sample => sample.Turns.Count(turn => turn.Text == one)), others = samples.Sum(sample => sample.Turns.Count(turn => turn.Text == other));
            Assert.InRange(ones / (ones + others), 0.3, 0.7);
        }
    }

    [Theory]
    [InlineData("counts", "how many", "count", "number")]
    [InlineData("relations", "further", "is ", "does", "do you see")]
    public void ADrillOfOneKindAsksNothingElse(string exercise, params string[] words)
    {
        var mix = new WorldMix(9, WorldTask.Understand, WorldSplit.Train) { Categories = [exercise], Language = TextLanguage.English };
        WorldSample[] samples = [.. Enumerable.Range(0, 300).Select(i => mix[i])];
        Assert.All(samples, sample => Assert.Equal((exercise, 1), (sample.Category, sample.Pictures.Length)));
        Assert.All(
            samples.SelectMany(sample => sample.Turns).Where(turn => !turn.IsReply),
            turn => Assert.Contains(words, word => turn.Text.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void RelationsHoldAboutAsOftenAsNot()
    {
        foreach ((TextLanguage language, string yes, string no) in new[] { (TextLanguage.English, "so yes", "so no"), (TextLanguage.Chinese, "所以是的", "所以不是") })
        {
            var mix = new WorldMix(10, WorldTask.Understand, WorldSplit.Train) { Categories = ["relations"], Language = language };
            string[] answers = [.. Enumerable.Range(0, 400).SelectMany(i => mix[i].Turns).Where(turn => turn.IsReply).Select(turn => turn.Text)];
            double yeses = answers.Count(answer => answer.EndsWith(yes, StringComparison.Ordinal)), noes = answers.Count(answer => answer.EndsWith(no, StringComparison.Ordinal));
            Assert.InRange(yeses / (yeses + noes), 0.45, 0.6);
        }
    }

    [Fact]
    public void CompositionIsOfHeldOutPairsInTestScenes()
    {
        for (int i = 0; i < 300; i++)
        {
            Scene drawn = Generation.Make(new Dice(7, (ulong)i), TextLanguage.English, "attribution", WorldSplit.Composition).Target!;
            Assert.True(Splits.HasHeldOutPair(drawn));
            Assert.Equal(WorldSplit.Test, Splits.Of(drawn));
            WorldSample edit = Editing.Make(new Dice(8, (ulong)i), TextLanguage.Chinese, "recolour", WorldSplit.Composition);
            Assert.True(Splits.HasHeldOutPair(edit.Target!));
            Assert.False(Splits.HasHeldOutPair(edit.Source!));
        }
    }

    [Fact]
    public void OneTextHasOnePicture()
    {
        var scenes = new Dictionary<string, Scene>();
        var mix = new WorldMix(9, WorldTask.Generate, WorldSplit.Train);
        int met = 0;
        for (int i = 0; i < 10 * Count; i++)
        {
            WorldSample sample = mix[i];
            if (!scenes.TryAdd(sample.Turns[0].Text, sample.Target!))
            {
                met++;
                Assert.Equal(scenes[sample.Turns[0].Text], sample.Target);
            }
        }

        Assert.True(met > 100, $"only {met} texts came twice");
    }

    [Theory]
    [InlineData(Relation.Left, 2, 1)]
    [InlineData(Relation.Above, 3, 2)]
    [InlineData(Relation.Right, 1, 1)]
    [InlineData(Relation.Below, 2, 2)]
    public void GroupsStandAsTheirRelationSays(Relation relation, int first, int second)
    {
        var (ones, others) = Layout.CellsOf(relation, first, second);
        Assert.Equal((first, second), (ones.Length, others.Length));
        Assert.All(ones, one => Assert.All(others, other => Assert.True(one.Is(relation, other))));
        Assert.Equal(first + second, ones.Concat(others).Distinct().Count());
    }

    [Fact]
    public void GroupsAreCounted()
    {
        var mix = new WorldMix(14, WorldTask.Generate, WorldSplit.Train) { Categories = ["position"], Language = TextLanguage.English };
        WorldSample sample = Enumerable.Range(0, 2000).Select(i => mix[i]).First(sample => sample.Turns[0].Text.Contains("two ", StringComparison.Ordinal) && sample.Pictures[0].Objects.Length == 3);
        Assert.Contains(sample.Pictures[0].Objects.GroupBy(o => (o.Shape, o.Colour)), group => group.Count() == 2);
    }

    [Theory]
    [InlineData(TextLanguage.English)]
    [InlineData(TextLanguage.Chinese)]
    public void OneInstructionOnOneSceneHasOneResult(TextLanguage language)
    {
        int met = 0;
        for (ulong number = 0; number < 30; number++)
        {
            Scene scene = SceneSampler.Draw(new Dice(10, number));
            foreach (string category in (string[])["add", "remove", "replace", "recolour", "resize", "move"])
            {
                var results = new Dictionary<string, Scene>();
                for (ulong i = 0; i < 400; i++)
                {
                    if (ObjectChanges.Make(scene, new Dice(11, i), language, category) is not { } change)
                    {
                        continue;
                    }

                    met += results.TryAdd(change.Text, change.Result) ? 0 : 1;
                    Assert.True(results[change.Text].Equals(change.Result), $"{scene}: {change.Text}");
                    Assert.NotEqual(scene, change.Result);
                    Assert.True(change.Meant is null || change.Meant.Value.CountIn(scene) == 1, $"{scene}: {change.Text}");
                }
            }
        }

        Assert.True(met > 1000, $"only {met} instructions came twice");
    }

    [Fact]
    public void EnglishKnowsItsArticlesAndPlurals()
    {
        string all = string.Join('\n', Enumerable.Range(0, 6000).Select(i => Text(new WorldMix(13, (WorldTask)(i % 3), WorldSplit.Train) { Language = TextLanguage.English }[i])));
        Assert.DoesNotContain("a orange", all);
        Assert.DoesNotContain("an red", all);
        Assert.DoesNotContain("crosss", all);
        Assert.DoesNotContain("one stars", all);
        Assert.Contains("an orange", all);
        Assert.Contains("crosses", all);
        Assert.DoesNotContain("  ", all);
    }

    private static string Text(WorldSample sample) => $"{sample.Category}: {string.Join(" | ", sample.Turns.Select(turn => turn.Text))} {string.Join("; ", sample.Pictures)}";
}
