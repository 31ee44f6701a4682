using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>Both lexicons name all of the world, and each name means one thing.</summary>
public sealed class LexiconTests
{
    /// <summary>The languages.</summary>
    public static TheoryData<TextLanguage> Languages => [.. Enum.GetValues<TextLanguage>()];

    [Fact]
    public void TheWorldHasEightShapesEightyClassesAndTenColours()
    {
        Assert.Equal(88, Lexicon.English.ItemIds.Length);
        Assert.All(Enum.GetNames<Shape>(), shape => Assert.Contains(shape.ToLowerInvariant(), Lexicon.English.ItemIds));
        Assert.Equal(10, Lexicon.English.ColourIds.Length);
        Assert.Equal(["big", "medium", "small"], [.. Lexicon.English.SizeIds]);
        Assert.Equal(9, Lexicon.English.PlaceIds.Length);
        Assert.Equal(12, Lexicon.English.GroundIds.Length);
        Assert.Equal(["left of", "right of", "above", "below", "next to"], [.. Lexicon.English.RelationIds]);
    }

    [Fact]
    public void BothLanguagesNameTheSame()
    {
        Lexicon english = Lexicon.English, chinese = Lexicon.Chinese;
        Assert.True(english.ItemIds.SequenceEqual(chinese.ItemIds));
        Assert.True(english.ColourIds.SequenceEqual(chinese.ColourIds));
        Assert.True(english.SizeIds.SequenceEqual(chinese.SizeIds));
        Assert.True(english.PlaceIds.SequenceEqual(chinese.PlaceIds));
        Assert.True(english.GroundIds.SequenceEqual(chinese.GroundIds));
        Assert.True(english.RelationIds.SequenceEqual(chinese.RelationIds));
        Assert.Equal(english.Numbers.Length, chinese.Numbers.Length);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void ANameMeansOneThing(TextLanguage language)
    {
        Lexicon lexicon = Lexicon.Of(language);
        var ambiguous = lexicon.Items
            .SelectMany(item => item.Value.SelectMany(name => new[] { name.Text, name.PluralText })
                .Select(text => (Text: Normal(text), item.Key)))
            .Distinct().GroupBy(name => name.Text).Where(group => group.Count() > 1).Select(group => group.Key);
        Assert.Equal([], ambiguous);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void AColourAndASizeMeanOneThing(TextLanguage language)
    {
        Lexicon lexicon = Lexicon.Of(language);
        foreach ((string kind, IEnumerable<string> ids, string[] forms) in new (string, IEnumerable<string>, string[])[]
            {
                ("colour", lexicon.ColourIds, ["names", "shades"]), ("size", lexicon.SizeIds, ["names"]),
                ("relation", lexicon.RelationIds, ["names"]),
                ("place", lexicon.PlaceIds, ["name"]), ("ground", lexicon.GroundIds, ["is", "on"]),
            })
        {
            var ambiguous = ids.SelectMany(id => forms.SelectMany(form => lexicon.Words(kind, id, form)).Distinct())
                .GroupBy(text => text).Where(group => group.Count() > 1).Select(group => $"{kind} {group.Key}");
            Assert.Equal([], ambiguous);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void EverythingHasAllItsForms(TextLanguage language)
    {
        Lexicon lexicon = Lexicon.Of(language);
        string[] places = language == TextLanguage.English ? ["at", "to", "name", "adj"] : ["name"];
        Assert.All(lexicon.PlaceIds, id => Assert.All(places, form => Assert.NotEmpty(lexicon.Words("place", id, form))));
        Assert.All(lexicon.GroundIds, id =>
            Assert.All(new[] { "on", "a", "to", "is" }, form => Assert.NotEmpty(lexicon.Words("ground", id, form))));
        Assert.All(lexicon.SizeIds, id =>
            Assert.All(new[] { "names", "is", "more" }, form => Assert.NotEmpty(lexicon.Words("size", id, form))));
        Assert.All(lexicon.ColourIds, id =>
            Assert.All(new[] { "names", "shades" }, form => Assert.NotEmpty(lexicon.Words("colour", id, form))));
        Assert.All(lexicon.RelationIds, id => Assert.NotEmpty(lexicon.Words("relation", id, "names")));
        Assert.All(lexicon.ItemIds, id =>
        {
            Assert.Contains(lexicon.Items[id], name => name.Kind == NameKind.Countable);
            Assert.Equal(NameKind.Countable, lexicon.PickName(id, null).Kind);
            Assert.All(lexicon.Items[id], name => Assert.Equal(language == TextLanguage.Chinese, name.Measure.Length > 0));
        });
    }

    [Theory]
    [InlineData("knife", "knives")]
    [InlineData("sheep", "sheep")]
    [InlineData("person", "people")]
    [InlineData("scissors", "pairs of scissors")]
    [InlineData("skis", "pairs of skis")]
    [InlineData("bus", "buses")]
    [InlineData("toothbrush", "toothbrushes")]
    [InlineData("sandwich", "sandwiches")]
    [InlineData("couch", "couches")]
    [InlineData("computer mouse", "computer mice")]
    [InlineData("wine glass", "wine glasses")]
    [InlineData("broccoli", "heads of broccoli")]
    [InlineData("cross", "crosses")]
    public void PluralsAreRight(string item, string plural) =>
        Assert.Equal(plural, Lexicon.English.PickName(item, null).PluralText);

    [Theory]
    [InlineData("cat", "只")]
    [InlineData("car", "辆")]
    [InlineData("chair", "把")]
    [InlineData("laptop", "台")]
    [InlineData("tie", "条")]
    [InlineData("book", "本")]
    [InlineData("bed", "张")]
    [InlineData("horse", "匹")]
    [InlineData("airplane", "架")]
    [InlineData("potted plant", "盆")]
    [InlineData("skis", "副")]
    public void MeasureWordsAreRight(string item, string measure) =>
        Assert.Equal(measure, Lexicon.Chinese.PickName(item, null).Measure);

    [Theory]
    [MemberData(nameof(Languages))]
    public void WhatTheWorldLacksIsNoNameOfWhatItHas(TextLanguage language)
    {
        Lexicon lexicon = Lexicon.Of(language);
        var colours = lexicon.ColourIds.SelectMany(id => lexicon.Words("colour", id, "shades")).Select(Normal).ToHashSet();
        var known = lexicon.Items.Values.SelectMany(names => names).SelectMany(name => new[] { name.Text, name.PluralText })
            .Concat(lexicon.GroundIds.SelectMany(id =>
                lexicon.Words("ground", id, "is").Concat(lexicon.Words("ground", id, "to"))))
            .Select(Normal).ToHashSet();
        OffWorld off = OffWorld.Of(language);
        Assert.True(off.Things.Length > 400);
        var lacking = off.Things.Concat(off.Grounds).SelectMany(name => new[] { name.One, name.Many }).Select(Normal);
        Assert.DoesNotContain(lacking, known.Contains);
        Assert.DoesNotContain(off.Colours.Select(Normal), colours.Contains);
    }

    private static string Normal(string text) =>
        text.Replace("^", "", StringComparison.Ordinal).Replace("-", " ", StringComparison.Ordinal).ToLowerInvariant();
}
