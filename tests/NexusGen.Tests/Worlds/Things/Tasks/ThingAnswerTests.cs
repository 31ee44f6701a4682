using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Tasks;

/// <summary>Answers are right, counted and looked up by the words of the questions alone.</summary>
public sealed class ThingAnswerTests
{
    private const int Samples = 500;
    private static readonly string[] Numbers =
        ["no|none|zero|aren't any|any", "one|a|an|some|1", "two|2", "three|3", "four|4", "five|5"];

    [Fact]
    public void CountsAreRight() => Check("count", (scene, words, answer) =>
    {
        // A name may have a number in it: five-pointed stars.
        answer = Regex.Replace(answer, @"\w+-\w+", "");
        int count = words.Meant(scene, words.Colours, words.Sizes, []).Length;
        bool Says(string number) => Regex.IsMatch(answer, $@"\b({number})\b", RegexOptions.IgnoreCase);
        return Says(Numbers[count]) && !Numbers[2..].Where((_, i) => i + 2 != count).Any(Says);
    });

    [Fact]
    public void ColoursAreRight() => Check("colour", (scene, words, answer) =>
    {
        PlacedThing thing = Assert.Single(words.Meant(scene, [], words.Sizes, words.Places));
        return answer.Contains(thing.ApparentColour?.Name ?? "natural", StringComparison.OrdinalIgnoreCase);
    });

    [Fact]
    public void PlacesAreRight() => Check("where", (scene, words, answer) =>
    {
        PlacedThing thing = Assert.Single(words.Meant(scene, words.Colours, words.Sizes, []));
        string place = Lexicon.English.Words("place", Lexicon.English.PlaceIds[thing.Cell.Index], "at")[0];
        return Regex.IsMatch(answer, $@"{place}\.$", RegexOptions.IgnoreCase);
    });

    [Fact]
    public void WhatIsThereIsSaidToBeThere() => Check("exists", (scene, words, answer) =>
        answer.StartsWith("Yes", StringComparison.Ordinal) == words.Meant(scene, words.Colours, words.Sizes, []).Length > 0
        && Regex.IsMatch(answer, "^(Yes|No)\\b"));

    [Fact]
    public void ADescriptionNamesEveryThingAndThePlaces() => Check("describe", (scene, _, answer) => scene.Objects.All(one =>
        answer.Contains(NameOf(one).Split(' ')[^1], StringComparison.Ordinal)
        && answer.Contains(
            Lexicon.English.Words("place", Lexicon.English.PlaceIds[one.Cell.Index], "at")[0], StringComparison.Ordinal)));

    [Fact]
    public void AboutHalfOfTheRelationsHold()
    {
        ThingMix mix = Mix(TextLanguage.English, "relation");
        int yes = Enumerable.Range(0, Samples).Count(place => mix[place].Reply.StartsWith("Yes", StringComparison.Ordinal));
        Assert.InRange(yes, Samples * 0.35, Samples * 0.65);
    }

    [Fact]
    public void AChineseAnswerHasTheFormOfItsQuestion()
    {
        ThingMix mix = Mix(TextLanguage.Chinese, "exists");
        foreach (ThingSample sample in Enumerable.Range(0, Samples).Select(place => mix[place]))
        {
            if (Regex.IsMatch(sample.Turns[0].Text, "^[^看画]*有没有[^看画]*$"))
            {
                Assert.Matches("^(有|没有)", sample.Reply);
            }
        }
    }

    [Fact]
    public void AnAnswerRepeatsTheNameOfItsQuestion()
    {
        ThingMix mix = Mix(TextLanguage.English, "where", "colour", "size");
        foreach (ThingSample sample in Enumerable.Range(0, Samples).Select(place => mix[place]))
        {
            Match said = Regex.Match(sample.Reply, @"^The [a-z ]*?([a-z]+) (is|are|has|have|in|on|at) ");
            if (said.Success && said.Groups[1].Value != "thing")
            {
                Assert.Contains(said.Groups[1].Value, sample.Turns[0].Text, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    private static string NameOf(PlacedThing one) => Lexicon.English.Items[one.Thing.Name][0].Text;

    private static ThingMix Mix(TextLanguage language, params string[] categories) =>
        new(32, ThingTask.Understand, WorldSplit.Test) { Categories = [.. categories], Language = language };

    private static void Check(string category, Func<ThingScene, SpokenWords, string, bool> isRight)
    {
        int clear = 0;
        ThingMix mix = Mix(TextLanguage.English, category);
        foreach (ThingSample sample in Enumerable.Range(0, Samples).Select(place => mix[place]))
        {
            var words = new SpokenWords(sample.Turns[0].Text);
            if (!words.IsUnclear)
            {
                clear++;
                Assert.True(
                    isRight(sample.Pictures[0], words, sample.Reply),
                    $"{sample.Turns[0].Text} {sample.Reply}\n{sample.Pictures[0]}");
            }
        }

        Assert.True(clear > Samples / 3, $"{category}: {clear}");
    }
}
