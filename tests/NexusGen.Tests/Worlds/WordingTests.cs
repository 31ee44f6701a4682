using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Tests.Worlds;

/// <summary>The world's texts have many wordings, not counting the names of colours, shapes, sizes and positions.</summary>
public sealed partial class WordingTests
{
    /// <summary>The tasks.</summary>
    public static TheoryData<WorldTask> Tasks => [.. Enum.GetValues<WorldTask>()];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void ThereAreDozensOfWordings(WorldTask task)
    {
        List<string> few = [];
        foreach (TextLanguage language in Enum.GetValues<TextLanguage>())
        {
            foreach (string category in WorldMix.CategoriesOf(task))
            {
                var mix = new WorldMix(12, task, WorldSplit.Train) { Language = language, Categories = [category] };
                int forms = Enumerable.Range(0, 1500).Select(i => Form(mix[i].Turns[^2].Text, language)).Distinct().Count();
                if (forms < 24)
                {
                    few.Add($"{category} in {language}: {forms}");
                }
            }
        }

        Assert.Equal([], few);
    }

    [Fact]
    public void NamesCapitalsAndMarksMakeNoOtherWording()
    {
        Assert.Equal(
            Form("Where is the big red star?", TextLanguage.English),
            Form("where is the blue circle", TextLanguage.English));
        Assert.Equal(
            Form("Add two crosses below the ring.", TextLanguage.English),
            Form("add 3 orange hearts above the ring", TextLanguage.English));
        Assert.NotEqual(Form("where is the star", TextLanguage.English), Form("tell me where the star is", TextLanguage.English));
        Assert.Equal(Form("红色的大圆形在哪里？", TextLanguage.Chinese), Form("绿色的星星在哪里", TextLanguage.Chinese));
        Assert.NotEqual(Form("星星在哪里", TextLanguage.Chinese), Form("告诉我星星在哪里", TextLanguage.Chinese));
    }

    // The text with all names of colours, shapes, sizes, numbers and positions removed or replaced by a letter.
    private static string Form(string text, TextLanguage language)
    {
        text = text.Replace(WorldSample.ImageMark, "", StringComparison.Ordinal)
            .Trim(' ', '.', '?', '。', '？')
            .ToLowerInvariant();
        if (language == TextLanguage.English)
        {
            text = EnglishNames().Replace(EnglishNumbers().Replace(EnglishSizes().Replace(text, ""), "N"), "X");
            return EnglishPlaces().Replace(Regex.Replace(text, "(X )+X", "X"), "P");
        }

        text = ChineseNames().Replace(ChineseSizes().Replace(text, ""), "X");
        return ChinesePlaces().Replace(ChineseNumbers().Replace(text, "N"), "P");
    }

    [GeneratedRegex(
        @"\b(red|orange|yellow|green|cyan|blue|purple|pink|white|black|gray|beige|brown|"
        + @"(circle|square|triangle|star|ring|diamond|cross|heart)(e?s)?)\b")]
    private static partial Regex EnglishNames();

    [GeneratedRegex(@"\b(small|big|large) ")]
    private static partial Regex EnglishSizes();

    [GeneratedRegex(@"\b(an?|one|two|three|four|five|\d)\b")]
    private static partial Regex EnglishNumbers();

    [GeneratedRegex(@"\b(left|right|top|bottom|upper|lower|above|below|under)\b")]
    private static partial Regex EnglishPlaces();

    [GeneratedRegex("[红橙黄绿青蓝紫粉白黑灰米棕]色|圆形|正方形|三角形|星星|圆环|菱形|十字|爱心")]
    private static partial Regex ChineseNames();

    [GeneratedRegex("[大小](?=圆形|正方形|三角形|星星|圆环|菱形|十字|爱心|图形|物体)")]
    private static partial Regex ChineseSizes();

    [GeneratedRegex(@"[一两二三四五\d][个颗]")]
    private static partial Regex ChineseNumbers();

    [GeneratedRegex("[左右上下]")]
    private static partial Regex ChinesePlaces();
}
