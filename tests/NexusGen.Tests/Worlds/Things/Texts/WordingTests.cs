using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>How many ways there are to say a thing, and that all of them are whole sentences of the language.</summary>
public sealed class WordingTests
{
    private const int Samples = 400;

    /// <summary>The languages.</summary>
    public static TheoryData<TextLanguage> Languages => [.. Enum.GetValues<TextLanguage>()];

    [Fact]
    public void TheFamiliesAreAllIntentsOfBothLanguages()
    {
        string[] families =
        [
            .. Intents.Draws, .. Intents.Edits, .. Intents.PlainEdits, .. Intents.Returns, .. Intents.Questions,
            .. Intents.Answers, .. Intents.Talks, .. Intents.Limits, .. Intents.Refusals,
            .. Intents.Talks.Select(Intents.ReplyTo), "reply.drawn", "reply.edited", "reply.again",
        ];
        foreach (TextLanguage language in Enum.GetValues<TextLanguage>())
        {
            Assert.Equal(families.Order(StringComparer.Ordinal), Wording.IntentsOf(language).Order(StringComparer.Ordinal));
        }

        Assert.All(Intents.Limits, intent => Assert.Contains(Intents.ReplyTo(intent), Intents.Refusals));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void TheMainFamiliesHaveDozensOfPatterns(TextLanguage language)
    {
        string[] main =
        [
            "draw.one", "draw.several", "draw.count", "draw.place", "draw.relation", "draw.scene", "edit.add", "edit.beside",
            "edit.more", "edit.remove", "edit.replace", "edit.recolour", "edit.move", "edit.ground", "edit.swap", "edit.two",
            "ask.describe", "ask.count", "ask.colour", "ask.where", "ask.exists", "ask.relation", "ask.what", "talk.hello",
            "talk.thanks", "talk.praise", "talk.bye", "talk.who", "talk.can", "talk.mood", "talk.ok", "limit.thing",
            "limit.with", "limit.count",
        ];
        Assert.All(main, intent =>
            Assert.True(Wording.CountPatterns(intent, language) >= 50, $"{intent}: {Wording.CountPatterns(intent, language)}"));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void DozensOfWordingsAreReachableWhateverNamesStandInThem(TextLanguage language)
    {
        var mask = new WordMask(language);
        List<string> few = [];
        foreach (string intent in Intents.Draws.Take(6)
            .Concat(Intents.Edits.Except(["edit.natural", "edit.medium", "edit.movebeside"])).Concat(Intents.Questions.Take(1)))
        {
            int forms = Texts(intent, language, 600).Select(mask.Outline).Distinct().Count();
            if (forms < 45)
            {
                few.Add($"{intent}: {forms}");
            }
        }

        Assert.Equal([], few);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void EveryTextIsWhole(TextLanguage language)
    {
        foreach (string intent in Wording.IntentsOf(language))
        {
            foreach (string text in Texts(intent, language, Samples))
            {
                Assert.NotEmpty(text);
                Assert.DoesNotMatch(@"[{}\[\]|#_*@]", text);
                Assert.DoesNotMatch(@"  |^ | $| [,.?!;](?!\.)", text);
                if (language == TextLanguage.Chinese)
                {
                    Assert.DoesNotMatch("一一|的的|，，|[^。]。。|，。|？。|在在(?!.)|两两", text.Replace("的的的的", "", StringComparison.Ordinal));
                    continue;
                }

                Assert.DoesNotMatch(@"\b[Aa] [aeio](?!ne\b|uropean)|\b[Aa]n [bcdfgjklmnpqrstvwyz]",
                    text.Replace("a US", "", StringComparison.Ordinal));
                Assert.DoesNotMatch(@"\b(a a|an a|the the|a the|the a|is are|are is|them is|it are|they is)\b",
                    text.Replace("the the the", "", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public void ATextIsAFunctionOfItsDice()
    {
        foreach (string intent in Wording.IntentsOf(TextLanguage.English))
        {
            Slots slots = SlotSamples.For(intent, TextLanguage.English, new Dice(5, 6));
            Assert.Equal(
                Wording.Realize(intent, slots, TextLanguage.English, new Dice(7, 8)),
                Wording.Realize(intent, slots, TextLanguage.English, new Dice(7, 8)));
        }
    }

    [Fact]
    public void WhatIsGivenIsSaid()
    {
        for (ulong i = 0; i < 300; i++)
        {
            var dice = new Dice(11, i);
            var slots = new Slots
            {
                Things = [new Mention { Item = "zebra", Colour = "green", Place = "centre" }],
                Ground = "brick",
            };
            string text = Wording.Realize("draw.place", slots, TextLanguage.English, dice);
            Assert.Contains("zebra", text, StringComparison.OrdinalIgnoreCase);
            Assert.Matches("green|emerald", text.ToLowerInvariant());
            Assert.Matches("middle|centre", text.ToLowerInvariant());
            Assert.Contains("brick", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void WhatCannotBeSaidIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Wording.Realize("draw.nothing", Slots.None, TextLanguage.English, new Dice(1, 1)));
        Assert.Throws<ArgumentException>(() =>
            Wording.Realize("edit.remove", new Slots { Colour = "red" }, TextLanguage.English, new Dice(1, 1)));
        Assert.Throws<ArgumentException>(() =>
            Wording.Realize("draw.one", Slots.Of(new Mention { Item = "unicorn" }), TextLanguage.English, new Dice(1, 1)));
    }

    [Fact]
    public void PatternsAreCheckedWhenTheyAreRead()
    {
        Assert.Throws<FormatException>(() => Pattern.Parse("a [b"));
        Assert.Throws<FormatException>(() => Pattern.Parse("a ] b"));
        Assert.Throws<FormatException>(() => Pattern.Parse("a {b"));
        Assert.Throws<FormatException>(() => new PatternBook(["= one\nsame\nsame"]));
        Assert.Throws<FormatException>(() => new PatternBook(["no section"]));
        Assert.Throws<FormatException>(() => new PatternBook(["= one\n{@missing}"]));
    }

    private static IEnumerable<string> Texts(string intent, TextLanguage language, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var dice = new Dice(21, (ulong)i);
            yield return Wording.Realize(intent, SlotSamples.For(intent, language, dice), language, dice);
        }
    }
}
