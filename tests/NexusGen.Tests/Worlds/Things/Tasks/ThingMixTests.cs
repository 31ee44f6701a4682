using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Tasks;

/// <summary>The form of the samples: pure, whole, in both languages, and with the images where the surfaces put them.</summary>
public sealed class ThingMixTests
{
    private const int Samples = 600;

    /// <summary>The tasks.</summary>
    public static TheoryData<ThingTask> Tasks => [.. Enum.GetValues<ThingTask>()];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void ASampleIsAFunctionOfSeedAndPlaceOnEveryThread(ThingTask task)
    {
        var mix = new ThingMix(7, task, WorldSplit.Train);
        string[] alone = [.. Enumerable.Range(0, 200).Select(place => Text(mix[place]))];
        string[] together = new string[alone.Length];
        var other = new ThingMix(7, task, WorldSplit.Train);
        Parallel.For(0, alone.Length, place => together[place] = Text(other[place]));
        Assert.Equal(alone, together);
        var next = new ThingMix(8, task, WorldSplit.Train);
        Assert.NotEqual(alone, [.. Enumerable.Range(0, 200).Select(place => Text(next[place]))]);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void EveryCategoryOccursInBothLanguages(ThingTask task)
    {
        foreach (string category in ThingMix.CategoriesOf(task).Concat(ThingMix.ExercisesOf(task)))
        {
            foreach (TextLanguage language in Enum.GetValues<TextLanguage>())
            {
                ThingSample sample = new ThingMix(3, task, WorldSplit.Train) { Categories = [category], Language = language }[5];
                Assert.Equal((task, category, language), (sample.Task, sample.Category, sample.Language));
                string said = string.Concat(sample.Turns.Select(turn => turn.Text));
                Assert.Equal(language == TextLanguage.Chinese, Regex.IsMatch(said, @"\p{IsCJKUnifiedIdeographs}"));
            }
        }

        var mix = new ThingMix(3, task, WorldSplit.Train);
        string[] drawn = [.. Enumerable.Range(0, Samples).Select(place => mix[place].Category).Distinct()];
        Assert.Equal(ThingMix.CategoriesOf(task).Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void MarksArePicturesAndTheLastOneIsAttached(ThingTask task)
    {
        foreach (ThingSample sample in Of(task))
        {
            int shown = 0;
            for (int i = 0; i < sample.Turns.Length; i++)
            {
                (bool isReply, string text) = (sample.Turns[i].IsReply, sample.Turns[i].Text);
                Assert.Equal(i % 2 == 1, isReply);
                int marks = text.Split(ThingSample.ImageMark).Length - 1;
                if (isReply)
                {
                    string[] leads = [ThingSample.DrawnReply(sample.Language), ThingSample.EditedReply(sample.Language)];
                    Assert.True(marks == 0 || leads.Contains(text), text);
                }
                else
                {
                    Assert.Equal(marks, Regex.Match(text, @"^(<image>)*").Length / ThingSample.ImageMark.Length);

                    // As the product words it: a chat puts a space after the images, the official question does not.
                    bool spaced = marks > 0 && text[marks * ThingSample.ImageMark.Length] == ' ';
                    Assert.Equal(marks > 0 && !(task == ThingTask.Understand && i == 0), spaced);
                    Assert.True(shown == 0 || marks > 0, text);

                    // What is attached is the last image, unless it is the user's own.
                    bool own = shown == 0 || (task == ThingTask.Converse && sample.Category == "another");
                    Assert.True(own || sample.Pictures[shown].Equals(sample.Pictures[shown - 1]), text);
                }

                shown += marks;
            }

            Assert.Equal(sample.Pictures.Length, shown);
            Assert.InRange(sample.Turns.Length, 2, 12);
        }
    }

    [Fact]
    public void TheLeadsAreThoseOfTheOfficialData()
    {
        foreach (TextLanguage language in Enum.GetValues<TextLanguage>())
        {
            Assert.Equal(global::NexusGen.Worlds.Tasks.Generation.DrawnReply(language), ThingSample.DrawnReply(language));
            Assert.Equal(global::NexusGen.Worlds.Tasks.Editing.EditedReply(language), ThingSample.EditedReply(language));
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void NoImageHasMoreThingsThanAskedFor(ThingTask task)
    {
        var mix = new ThingMix(4, task, WorldSplit.Train) { MaxThings = 2 };
        Assert.All(
            Enumerable.Range(0, 300).SelectMany(place => mix[place].Pictures),
            scene => Assert.InRange(scene.Objects.Length, 1, 2));
    }

    [Fact]
    public void TrainingIsTypedCarelesslyAndTheOtherSplitsAreNot()
    {
        Assert.Equal(NoiseOptions.Default, new ThingMix(1, ThingTask.Talk, WorldSplit.Train).Noise);
        foreach (WorldSplit split in (WorldSplit[])[WorldSplit.Validation, WorldSplit.Test, WorldSplit.Composition])
        {
            var mix = new ThingMix(1, ThingTask.Generate, split) { Language = TextLanguage.English };
            Assert.Equal(NoiseOptions.Careful, mix.Noise);
            Assert.All(Enumerable.Range(0, 100), place => Assert.Matches(@"^[A-Z0-9].*[.?!:)]$", mix[place].Turns[0].Text));
        }
    }

    [Fact]
    public void ConversationsHaveAllSortsOfTurns()
    {
        ThingSample[] all = [.. Of(ThingTask.Converse)];
        Assert.Contains(all, sample => sample.Turns.Length == 12);
        Assert.Contains(all, sample => sample.Turns.Length == 2);
        string[] replies = [.. all.SelectMany(sample => sample.Turns).Where(turn => turn.IsReply).Select(turn => turn.Text)];
        string[] parts = ["Here is the image: ", "Here is an image based", "welcome", "图里", "以下为编辑后的图像", "no picture"];
        foreach (string part in parts)
        {
            Assert.Contains(replies, reply => reply.Contains(part, StringComparison.Ordinal));
        }

        // An image that was left comes back.
        Assert.Contains(all, sample => sample.Pictures.Select((scene, i) => (scene, i)).Any(one => one.i > 2
            && !one.scene.Equals(sample.Pictures[one.i - 1]) && sample.Pictures[..(one.i - 1)].Contains(one.scene)));
    }

    private static IEnumerable<ThingSample> Of(ThingTask task)
    {
        var mix = new ThingMix(2, task, WorldSplit.Train);
        return Enumerable.Range(0, Samples).Select(place => mix[place]);
    }

    private static string Text(ThingSample sample) =>
        string.Join('|', sample.Turns.Select(turn => turn.Text)) + string.Join<ThingScene>('|', sample.Pictures);
}
