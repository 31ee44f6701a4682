using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Tests.Worlds.Things.Tasks;

/// <summary>The result of an edit is what its words say, by an interpreter that knows nothing of how they were made.</summary>
public sealed class ThingEditTests
{
    private const int Samples = 400;

    [Theory]
    [InlineData("remove")]
    [InlineData("recolour")]
    [InlineData("resize")]
    [InlineData("move")]
    [InlineData("add")]
    public void TheResultIsWhatTheWordsSay(string category)
    {
        int clear = 0;
        var mix = new ThingMix(21, ThingTask.Edit, WorldSplit.Test) { Categories = [category], Language = TextLanguage.English };
        for (int place = 0; place < Samples; place++)
        {
            ThingSample sample = mix[place];
            var words = new SpokenWords(sample.Turns[^2].Text);
            if (words.IsUnclear)
            {
                continue;
            }

            if (Expected(category, words, sample.Source!) is { } expected)
            {
                clear++;
                Assert.True(
                    expected.SetEquals(sample.Target!.Centered.Objects),
                    $"{sample.Turns[^2].Text}\n{sample.Source}\n{sample.Target}");
            }
        }

        Assert.True(clear > Samples / 5, $"{category}: {clear}");
    }

    [Fact]
    public void AChangeOfTheBackgroundKeepsTheThings()
    {
        foreach (ThingSample sample in Of("background"))
        {
            Assert.Equal(sample.Source!.Objects.ToArray(), sample.Target!.Objects.ToArray());
            Assert.NotEqual(sample.Source.Background, sample.Target.Background);
        }
    }

    [Fact]
    public void ACopyIsTheSame() => Assert.All(Of("copy"), sample => Assert.Equal(sample.Source, sample.Target));

    [Fact]
    public void WhatIsntNamedStays()
    {
        string[] one = ["beside", "more", "replace", "natural", "movebeside", "swap"];
        foreach (ThingSample sample in Of(one))
        {
            PlacedThing[] gone = [.. sample.Source!.Objects.Except(sample.Target!.Objects)];
            PlacedThing[] fresh = [.. sample.Target.Objects.Except(sample.Source.Objects)];
            Assert.Equal(sample.Source.Background, sample.Target.Background);
            Assert.NotEmpty(fresh);
            switch (sample.Category)
            {
                case "beside" or "more":
                    Assert.Empty(gone);
                    break;
                case "replace":
                    Assert.Equal(Assert.Single(gone).Cell, Assert.Single(fresh).Cell);
                    break;
                case "natural":
                    Assert.Equal(gone.Select(thing => thing with { Colour = null }), fresh);
                    break;
                case "movebeside":
                    Assert.Equal(Assert.Single(gone).Look, Assert.Single(fresh).Look);
                    break;
                default:
                    Assert.Equal(gone.Select(thing => thing.Cell), fresh.Select(thing => thing.Cell));
                    Assert.Equal(2, gone.Length);
                    break;
            }
        }
    }

    [Fact]
    public void WhatCantBeDoneIsRefusedInWords()
    {
        string[] kinds = ["missing", "crowded", "taken", "edge", "which", "extreme", "nopicture"];
        foreach (ThingSample sample in Of(kinds))
        {
            Assert.Null(sample.Target);
            Assert.Equal(sample.Category == "nopicture" ? 0 : 1, sample.Pictures.Length);
            Assert.True(sample.Category != "crowded" || sample.Pictures[0].Objects.Length == 5);
        }
    }

    // Null where the words leave it open.
    private static HashSet<PlacedThing>? Expected(string category, SpokenWords words, ThingScene scene)
    {
        scene = scene.Centered;
        PlacedThing[] all = [.. scene.Objects];
        switch (category)
        {
            case "remove":
                return [.. all.Except(words.Meant(scene, words.Colours, words.Sizes, words.Places))];
            case "recolour" when words.Colours.Length == 1:
                ThingColour colour = ThingCatalogue.Colour(words.Colours[0]);
                return Changed(all, words.Meant(scene, [], words.Sizes, words.Places), one => one with { Colour = colour });
            case "move" when words.Places.Length == 1:
                Cell to = Cell.At(Lexicon.English.PlaceIds.IndexOf(words.Places[0]));
                return Changed(all, words.Meant(scene, words.Colours, words.Sizes, []), one => one with { Cell = to });
            case "resize" when words.Sizes.Length == 0 && words.Text.Contains("er", StringComparison.Ordinal):
                ThingSize? size = words.Text.Contains("bigger", StringComparison.Ordinal) ? ThingSize.Big
                    : words.Text.Contains("smaller", StringComparison.Ordinal) ? ThingSize.Small : null;
                return size is null ? null
                    : Changed(all, words.Meant(scene, words.Colours, [], words.Places), one => one with { Size = size.Value });
            case "add" when words is { Places.Length: 1, Items.Length: 1, Colours.Length: < 2, Sizes.Length: < 2 }:
                var added = new PlacedThing(
                    ThingCatalogue.Thing(words.Items[0]),
                    words.Colours.Length == 0 ? null : ThingCatalogue.Colour(words.Colours[0]),
                    words.Sizes.Length == 0 ? ThingSize.Big : Enum.Parse<ThingSize>(words.Sizes[0], ignoreCase: true),
                    Cell.At(Lexicon.English.PlaceIds.IndexOf(words.Places[0])));
                return [.. all, added];
            default:
                return null;
        }
    }

    private static HashSet<PlacedThing> Changed(PlacedThing[] all, PlacedThing[] meant, Func<PlacedThing, PlacedThing> change) =>
        [.. all.Except(meant), .. meant.Select(change)];

    private static IEnumerable<ThingSample> Of(params string[] categories)
    {
        var mix = new ThingMix(22, ThingTask.Edit, WorldSplit.Train) { Categories = [.. categories] };
        return Enumerable.Range(0, Samples).Select(place => mix[place]);
    }
}
