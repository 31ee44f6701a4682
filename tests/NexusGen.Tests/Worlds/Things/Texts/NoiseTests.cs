using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>Carelessness stays within bounds.</summary>
public sealed class NoiseTests
{
    private static readonly NoiseOptions TypoOnly = NoiseOptions.Careful with { American = 0, Typo = 1 };

    [Fact]
    public void ATypoChangesOneLongWordByOneSlipAndMakesNoKnownWord()
    {
        for (ulong i = 0; i < 3000; i++)
        {
            var dice = new Dice(31, i);
            string text = Wording.Realize("draw.relation", SlotSamples.For("draw.relation", TextLanguage.English, dice),
                TextLanguage.English, dice);
            string typed = Noise.Apply(text, TextLanguage.English, dice, TypoOnly);
            string[] before = text.Split(' '), after = typed.Split(' ');
            Assert.Equal(before.Length, after.Length);
            int[] changed = [.. Enumerable.Range(0, before.Length).Where(at => before[at] != after[at])];
            Assert.True(changed.Length <= 1, typed);
            foreach (int at in changed)
            {
                Assert.True(before[at].Count(char.IsLetter) >= 4, before[at]);
                Assert.InRange(after[at].Length - before[at].Length, -1, 1);
                Assert.Equal(before[at][0], after[at][0]);
                Assert.False(Typo.Known.Contains(after[at].Trim('.', ',', '?', '!', ';', ':').ToLowerInvariant()), after[at]);
            }
        }
    }

    [Fact]
    public void FewTextsHaveATypo()
    {
        const string text = "Could you draw three elephants beneath the umbrella?";
        NoiseOptions only = NoiseOptions.Careful with { American = 0, Typo = NoiseOptions.Default.Typo };
        int typos = Enumerable.Range(0, 4000).Count(i =>
            Noise.Apply(text, TextLanguage.English, new Dice(32, (ulong)i), only) != text);
        Assert.InRange(typos, 200, 440);
    }

    [Fact]
    public void SpellingIsBritishOrAmericanThroughout()
    {
        NoiseOptions american = NoiseOptions.Careful with { American = 1 };
        Assert.Equal(
            "Change the color of the center one to gray.",
            Noise.Apply("Change the colour of the centre one to grey.", TextLanguage.English, new Dice(1, 1), american));
        Assert.Equal("Color it red.", Noise.Apply("Colour it red.", TextLanguage.English, new Dice(1, 1), american));
    }

    [Fact]
    public void ArticlesGoTogether()
    {
        NoiseOptions bare = NoiseOptions.Careful with { American = 0, NoArticles = 1 };
        Assert.Equal("Draw cat on left.", Noise.Apply("Draw a cat on the left.", TextLanguage.English, new Dice(1, 1), bare));
        Assert.Equal("Draw a couple of cats.", Noise.Apply("Draw a couple of cats.", TextLanguage.English, new Dice(1, 1), bare));
        Assert.Equal("Red cat.", Noise.Apply("A red cat.", TextLanguage.English, new Dice(1, 1), bare));
    }

    [Fact]
    public void ChineseKeepsItsWords()
    {
        const string text = "画一只猫吧。";
        HashSet<string> typed =
        [
            .. Enumerable.Range(0, 500).Select(i => Noise.Apply(text, TextLanguage.Chinese, new Dice(33, (ulong)i))),
        ];
        Assert.Contains("画一只猫吧", typed);
        Assert.Contains("画一只猫", typed);
        Assert.All(typed, variant => Assert.StartsWith("画一只猫", variant, StringComparison.Ordinal));
    }

    [Fact]
    public void NoiseIsAFunctionOfItsDice() => Assert.Equal(
        Noise.Apply("Draw a big red heart.", TextLanguage.English, new Dice(3, 4)),
        Noise.Apply("Draw a big red heart.", TextLanguage.English, new Dice(3, 4)));

    [Theory]
    [InlineData("画一只猫", "畫一隻貓")]
    [InlineData("只要两条领带", "只要兩條領帶")]
    [InlineData("烤面包机在上面", "烤麵包機在上面")]
    [InlineData("干什么？饼干？", "幹什麼？餅乾？")]
    [InlineData("请绘制一辆自行车", "請繪製一輛自行車")]
    [InlineData("图里有没有钟表", "圖裡有沒有鐘錶")]
    public void TraditionalCharactersFollowTheWord(string simplified, string traditional) =>
        Assert.Equal(traditional, Traditional.Of(simplified));
}
