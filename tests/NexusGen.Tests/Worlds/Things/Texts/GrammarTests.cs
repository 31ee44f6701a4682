using System.Text;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>Agreement: articles, numbers, pronouns, measure words and the forms of answers.</summary>
public sealed class GrammarTests
{
    [Theory]
    [InlineData("a.some", "apple", 1, "an apple")]
    [InlineData("a.some", "scissors", 1, "a pair of scissors")]
    [InlineData("a.some", "skis", 3, "three pairs of skis")]
    [InlineData("a.some", "umbrella", 1, "an umbrella")]
    [InlineData("a.some", "knife", 2, "two knives")]
    [InlineData("a.is", "cat", 1, "is")]
    [InlineData("a.is", "cat", 2, "are")]
    [InlineData("a.it", "sheep", 2, "them")]
    [InlineData("a.they", "sheep", 1, "it")]
    [InlineData("a.more", "dog", 2, "two more dogs")]
    [InlineData("a.more", "dog", 1, "another dog")]
    [InlineData("a.class", "knife", 4, "four knifes")]
    [InlineData("a.class", "orange", 1, "an orange")]
    [InlineData("a.arethere", "bus", 2, "are there")]
    [InlineData("a.the", "cat", 3, "the three cats")]
    public void EnglishAgrees(string slot, string item, int count, string expected) =>
        Assert.Equal(expected, Say(TextLanguage.English, slot, Slots.Of(new Mention { Item = item, Count = count })));

    [Theory]
    [InlineData("a.some", "cat", 2, "两只猫")]
    [InlineData("a.some", "tie", 1, "一条领带")]
    [InlineData("a.counted", "horse", 3, "三匹")]
    [InlineData("a.it", "cat", 2, "它们")]
    [InlineData("a.it", "person", 1, "他")]
    [InlineData("a.both", "person", 1, "")]
    [InlineData("a.both", "person", 2, "都")]
    public void ChineseAgrees(string slot, string item, int count, string expected) =>
        Assert.Equal(expected, Say(TextLanguage.Chinese, slot, Slots.Of(new Mention { Item = item, Count = count })));

    [Fact]
    public void AdjectivesStandWhereTheyBelong()
    {
        Slots scissors = Slots.Of(new Mention { Item = "scissors", Colour = "red", Size = "big", Place = "top left" });
        Assert.Equal("a pair of big red scissors in the top left corner", Say(TextLanguage.English, "a", scissors));
        Assert.Equal("左上角的一把红色的大剪刀", Say(TextLanguage.Chinese, "a", scissors));
        Slots orange = Slots.Of(new Mention { Item = "orange", Colour = "orange", Count = 2 });
        Assert.Equal("two orange oranges", Say(TextLanguage.English, "a", orange));
        Slots medium = Slots.Of(new Mention { Item = "cat", Colour = "black", Size = "medium" });
        Assert.Equal("a medium-sized black cat", Say(TextLanguage.English, "a", medium));
        Assert.Equal("一只中等大小的黑色的猫", Say(TextLanguage.Chinese, "a", medium));
    }

    [Fact]
    public void AReferenceMayBeAPronounOrARelation()
    {
        Assert.Equal("them", Say(TextLanguage.English, "a.the",
            Slots.Of(new Mention { Item = "cat", Count = 2, Pronoun = true })));
        Slots left = Slots.Of(new Mention { Item = "dog", Relation = "left of", Other = new Mention { Item = "car" } });
        Assert.Equal("the dog to the left of the car", Say(TextLanguage.English, "a.the", left));
        Assert.Equal("汽车左边的狗", Say(TextLanguage.Chinese, "a.the", left));
    }

    [Fact]
    public void AnAnswerRepeatsTheNameOfItsQuestion()
    {
        Slots sofa = Slots.Of(new Mention { Item = "couch", Name = "sofa", Count = 2 });
        Assert.Equal("two sofas", Say(TextLanguage.English, "a.some", sofa));
        Assert.Throws<ArgumentException>(() =>
            Say(TextLanguage.English, "a.some", Slots.Of(new Mention { Item = "couch", Name = "cat" })));
    }

    [Theory]
    [InlineData("have", "有", "没")]
    [InlineData("be", "是", "不是")]
    [InlineData("right", "对", "不对")]
    [InlineData("can", "能", "不能")]
    [InlineData("see", "看到", "没看到")]
    [InlineData("draw", "画了", "没画")]
    [InlineData("at", "在", "不在")]
    public void AChineseAnswerTakesTheFormOfItsQuestion(string form, string yes, string no)
    {
        Slots cat = Slots.Of(new Mention { Item = "cat" });
        for (ulong i = 0; i < 30; i++)
        {
            Assert.StartsWith(yes, Wording.Say("answer.exists.yes", cat, TextLanguage.Chinese, new Dice(1, i), form).Text,
                StringComparison.Ordinal);
            Assert.StartsWith(no, Wording.Say("answer.exists.no", cat, TextLanguage.Chinese, new Dice(1, i), form).Text,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(YesNoQuestions))]
    public void EveryFormOfAQuestionHasAnswers(string question, string yes, string no, TextLanguage language)
    {
        for (ulong i = 0; i < 300; i++)
        {
            var dice = new Dice(3, i);
            Slots slots = SlotSamples.For(question, language, dice);
            Said said = Wording.Say(question, slots, language, dice);
            Slots about = slots with { Relation = null, Ground = null, Colour = null };
            about = about.Things.IsEmpty ? Slots.Of(new Mention { Item = "cat" }) : about;
            Assert.NotEmpty(Wording.Say(yes, about, language, dice, said.Form).Text);
            Assert.NotEmpty(Wording.Say(no, about, language, dice, said.Form).Text);
        }
    }

    /// <summary>The questions that are answered by yes or no, with their answers.</summary>
    public static TheoryData<string, string, string, TextLanguage> YesNoQuestions()
    {
        TheoryData<string, string, string, TextLanguage> data = [];
        foreach (TextLanguage language in Enum.GetValues<TextLanguage>())
        {
            data.Add("ask.exists", "answer.exists.yes", "answer.exists.no", language);
            data.Add("ask.relation", "answer.is.yes", "answer.is.no", language);
            data.Add("ask.groundis", "answer.is.yes", "answer.is.no", language);
            data.Add("ask.colouris", "answer.is.yes", "answer.is.no", language);
        }

        return data;
    }

    private static string Say(TextLanguage language, string slot, Slots slots)
    {
        StringBuilder text = new();
        Grammar.Of(language, slots, dice: null).Say(text, slot);
        return text.ToString();
    }
}
