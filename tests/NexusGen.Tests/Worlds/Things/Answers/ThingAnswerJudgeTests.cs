using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Answers;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Answers;

/// <summary>Answers are judged by what they say.</summary>
public sealed class ThingAnswerJudgeTests
{
    private const int Samples = 400;
    private const int WordingsOfEach = 10;

    private static readonly TextLanguage[] Languages = Enum.GetValues<TextLanguage>();

    /// <summary>The categories of questions in both languages.</summary>
    public static TheoryData<string, TextLanguage> Categories
    {
        get
        {
            TheoryData<string, TextLanguage> all = [];
            foreach (string category in Understanding.Categories.Except(["several"]))
            {
                foreach (TextLanguage language in Languages)
                {
                    all.Add(category, language);
                }
            }

            return all;
        }
    }

    [Theory]
    [InlineData("There are two cats.", "two", true)]
    [InlineData("There are two cats.", "2", true)]
    [InlineData("There are two cats.", "Three.", false)]
    [InlineData("There are two cats.", "No.", false)]
    [InlineData("There are no cats.", "None.", true)]
    [InlineData("There are no cats.", "Zero: there are no cats in the picture.", true)]
    [InlineData("Red.", "The cat is red.", true)]
    [InlineData("Red.", "The cat is blue.", false)]
    [InlineData("It's in its natural colours.", "The cat has its natural colours.", true)]
    [InlineData("It's in its natural colours.", "It is brown.", false)]
    [InlineData("It's orange.", "Orange.", true)]
    [InlineData("An orange.", "It's a red orange.", true)]
    [InlineData("An orange.", "It's a carrot.", false)]
    [InlineData("Yes.", "Yes, there is a cat.", true)]
    [InlineData("Yes, there is a cat.", "There is a cat.", true)]
    [InlineData("Yes.", "No.", false)]
    [InlineData("Yes.", "A cat.", false)]
    [InlineData("No.", "No, there isn't.", true)]
    [InlineData("No, it's to the left of the car.", "No, the dog is left of the car.", true)]
    [InlineData("No, it's to the left of the car.", "No, it's to the right of the car.", false)]
    [InlineData("It's at the top left.", "In the upper left corner.", true)]
    [InlineData("It's at the top left.", "At the top.", false)]
    [InlineData("On the grass, there is a cat in the top left corner and a red car on the right.",
        "There are a red car on the right and a cat in the top left corner. The background is grass.", true)]
    [InlineData("On the grass, there is a cat in the top left corner and a red car on the right.",
        "On the grass, there is a red cat in the top left corner and a car on the right.", false)]
    [InlineData("On the grass, there is a cat in the top left corner and a red car on the right.",
        "On the sand, there is a cat in the top left corner and a red car on the right.", false)]
    [InlineData("On the grass, there is a cat in the top left corner and a red car on the right.",
        "On the grass, there is a cat in the top left corner.", false)]
    [InlineData("White.", "The background is white.", true)]
    [InlineData("White.", "The background is light grey.", false)]
    [InlineData("Nothing.", "It's empty there.", true)]
    [InlineData("Nothing.", "A dog.", false)]
    [InlineData("Yes, they are the same.", "They're different.", false)]
    public void EnglishAnswersAreJudgedByTheirMeaning(string expected, string reply, bool right) =>
        Assert.Equal(right, ThingAnswerJudge.Check(expected, reply, TextLanguage.English).IsRight);

    [Theory]
    [InlineData("有两只猫。", "两只。", true)]
    [InlineData("有两只猫。", "一共三只。", false)]
    [InlineData("没有猫。", "一只也没有。", true)]
    [InlineData("没有猫。", "有一只猫。", false)]
    [InlineData("红色。", "猫是红色的。", true)]
    [InlineData("红色。", "蓝色的。", false)]
    [InlineData("有。", "有，有一只猫。", true)]
    [InlineData("有。", "没有。", false)]
    [InlineData("对。", "没错。", true)]
    [InlineData("不是，它在汽车的左边。", "不是。", true)]
    [InlineData("不是，它在汽车的左边。", "不是，它在汽车的右边。", false)]
    [InlineData("在左上角。", "左上角。", true)]
    [InlineData("在左上角。", "在上方。", false)]
    [InlineData("一样。", "不一样。", false)]
    [InlineData("什么都没有。", "那里是空的。", true)]
    [InlineData("草地上，左上角有一只猫，右边有一辆红色的汽车。", "背景是草地，右边有一辆红色的汽车，左上角有一只猫。", true)]
    [InlineData("草地上，左上角有一只猫，右边有一辆红色的汽车。", "草地上，左上角有一只红色的猫，右边有一辆汽车。", false)]
    public void ChineseAnswersAreJudgedByTheirMeaning(string expected, string reply, bool right) =>
        Assert.Equal(right, ThingAnswerJudge.Check(expected, reply, TextLanguage.Chinese).IsRight);

    // All wordings that training has for the right answer to a question.
    [Theory]
    [MemberData(nameof(Categories))]
    public void AllWordingsOfAnAnswerAgree(string category, TextLanguage language)
    {
        HashSet<string> wrong = [];
        for (int i = 0; i < Samples; i++)
        {
            string[] answers = [.. Wordings(category, language, i)];
            foreach (string answer in answers)
            {
                if (!ThingAnswerJudge.Check(answers[0], answer, language).IsRight)
                {
                    wrong.Add($"{answers[0]} / {answer}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Categories))]
    public void AnAnswerToAnotherSceneIsMostlyWrong(string category, TextLanguage language)
    {
        string[] answers = [.. Enumerable.Range(0, Samples).Select(i => Sample(category, language, i).Reply)];
        int agree = answers.Zip(answers.Skip(1)).Count(pair => ThingAnswerJudge.Check(pair.First, pair.Second, language).IsRight);

        // A yes or no is right by chance in half of all cases; a colour, a size or a number more seldom.
        int most = category is "exists" or "relation" or "colouris" or "groundis" or "same" ? 65 : 50;
        Assert.InRange(agree, 0, Samples * most / 100);
    }

    [Fact]
    public void SmallTalkAndRefusalsAreKnown()
    {
        foreach (TextLanguage language in Languages)
        {
            var intents = ReplyIntents.Of(language);
            foreach (string category in Talking.Categories)
            {
                for (int i = 0; i < Samples; i++)
                {
                    ThingSample sample = new ThingMix(3, ThingTask.Talk, WorldSplit.Test)
                    {
                        Categories = [category],
                        Language = language,
                    }[i];
                    string[] found = [.. intents.Find(sample.Reply)];
                    Assert.True(found.Length > 0, sample.Reply);
                    Assert.True(
                        category == "talk" || found.Any(ReplyIntents.IsRefusalIntent), sample.Reply);
                    Assert.True(ThingAnswerJudge.Check(sample.Reply, sample.Reply, language).IsRight);
                }
            }
        }
    }

    [Fact]
    public void AnAnswerIsNoSmallTalk()
    {
        foreach (TextLanguage language in Languages)
        {
            var intents = ReplyIntents.Of(language);
            foreach (string category in Understanding.Categories)
            {
                string[] answers = [.. Enumerable.Range(0, 60).Select(i => Sample(category, language, i).Reply)];
                Assert.All(answers, answer => Assert.Equal((answer, ""), (answer, string.Join(' ', intents.Find(answer)))));
            }
        }
    }

    [Theory]
    [InlineData("Sorry, I can't draw a lighthouse.", "I'll draw it.", false)]
    [InlineData("You're welcome!", "Hello!", false)]
    public void WordsOfAnotherKindAreWrong(string expected, string reply, bool right) =>
        Assert.Equal(right, ThingAnswerJudge.Check(expected, reply, TextLanguage.English).IsRight);

    private static ThingSample Sample(string category, TextLanguage language, int number) =>
        new ThingMix(9, ThingTask.Understand, WorldSplit.Test) { Categories = [category], Language = language }[number];

    private static IEnumerable<string> Wordings(string category, TextLanguage language, int number)
    {
        ThingScene scene = Sample(category, language, number).Pictures[0];
        var dice = new Dice(5, (ulong)number);
        for (int i = 0; i < WordingsOfEach && category == "same"; i++)
        {
            yield return Questions.AskSame(scene, scene, dice, language).Answer;
        }

        if (category != "same" && Questions.Find(scene, new Asker(scene, dice, language), category) is var (slots, answer, _))
        {
            for (int i = 0; i < WordingsOfEach; i++)
            {
                yield return answer(Wording.Say($"ask.{category}", slots, language, dice).Form);
            }
        }
    }
}
