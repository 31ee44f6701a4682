using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Texts;
using NexusGen.Worlds.Things.Texts.Suites;

namespace NexusGen.Tests.Worlds.Things.Texts;

/// <summary>The suite is well-formed, and no text of it comes out of the wordings.</summary>
public sealed class ParaphraseSuiteTests
{
    private const int SamplesOfEach = 800;

    /// <summary>The languages.</summary>
    public static TheoryData<TextLanguage> Languages => [.. Enum.GetValues<TextLanguage>()];

    [Theory]
    [MemberData(nameof(Languages))]
    public void ThereAreDozensOfCasesOfEachKind(TextLanguage language)
    {
        var suite = ParaphraseSuite.Read(language);
        Assert.Equal(suite.Length, suite.Select(item => item.Id).Distinct().Count());
        Assert.All(new[] { "draw", "edit", "ask", "limit", "allowed" }, kind =>
            Assert.True(suite.Count(item => item.Kind == kind) >= 60, kind));
        Assert.True(suite.Count(item => item.Kind == "talk") >= 15);
        Assert.All(suite.Where(item => item.Kind == "talk"), item => Assert.InRange(item.Turns.Length, 6, 12));
        Assert.True(ParaphraseSuite.Read(language, typos: true).Length > 120);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void ExpectationsNameWhatTheWorldHas(TextLanguage language)
    {
        foreach (ParaphraseCase item in ParaphraseSuite.Read(language).Concat(ParaphraseSuite.Read(language, typos: true)))
        {
            IEnumerable<ParaphrasePicture?> pictures =
                [item.Scene, item.Picture, .. item.Turns.IsDefault ? [] : item.Turns.Select(turn => turn.Picture)];
            foreach (ParaphrasePicture picture in pictures.OfType<ParaphrasePicture>())
            {
                Assert.All(picture.Things, CheckThing);
                Assert.InRange(picture.Things.Sum(thing => thing.Count ?? 1), 1, 5);
                Assert.True(picture.Ground is null || Lexicon.English.GroundIds.Contains(picture.Ground));
            }

            foreach (ParaphraseChange change in item.Changes.IsDefault ? [] : item.Changes)
            {
                Assert.True(change.Things.IsDefault || change.Things.All(index => index < item.Scene!.Things.Length), item.Id);
                Assert.Contains(change.Do, new[] { "add", "remove", "replace", "recolour", "resize", "move", "ground", "swap" });
            }

            Assert.True(item.Kind switch
            {
                "draw" or "allowed" => item is { Text: not null, Picture: not null },
                "edit" => item is { Text: not null, Scene: not null, Changes.IsDefaultOrEmpty: false },
                "ask" => item is { Text: not null, Scene: not null, Answer: not null },
                "limit" => item is { Text: not null, Picture: null },
                _ => item.Turns.All(turn =>
                    turn.Reply is "words" or "refusal" || turn is { Reply: "picture", Picture: not null }),
            }, item.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void NoTextOfTheSuiteComesOutOfTheWordings(TextLanguage language)
    {
        var mask = new WordMask(language);
        HashSet<string> texts = [], outlines = [];
        foreach (string intent in Intents.Draws.Concat(Intents.Edits).Concat(Intents.Returns).Concat(Intents.Questions)
            .Concat(Intents.Talks).Concat(Intents.Limits))
        {
            for (int i = 0; i < SamplesOfEach; i++)
            {
                var dice = new Dice(41, (ulong)i);
                string text = Wording.Realize(intent, SlotSamples.For(intent, language, dice), language, dice);
                texts.Add(WordMask.Normal(text));
                outlines.Add(mask.Outline(text));
            }
        }

        IEnumerable<string> suite = ParaphraseSuite.Read(language)
            .SelectMany(item => item.Turns.IsDefault ? [item.Text!] : item.Turns.Select(turn => turn.Text));
        Assert.Equal("", string.Join('\n',
            suite.Where(text => texts.Contains(WordMask.Normal(text)) || outlines.Contains(mask.Outline(text)))));
    }

    [Fact]
    public void AnswersAreComparedByWholeWords()
    {
        var answer = new ParaphraseAnswer([["two", "2"], ["cat"]], ["no"]);
        Assert.True(answer.IsSaidBy("There are two cats now.", TextLanguage.English));
        Assert.False(answer.IsSaidBy("No, two cats.", TextLanguage.English));
        Assert.False(answer.IsSaidBy("There are two cattle.", TextLanguage.English));
        Assert.True(new ParaphraseAnswer([["n't"]]).IsSaidBy("It isn't.", TextLanguage.English));
        Assert.True(new ParaphraseAnswer([["是", "对"]], ["不"]).IsSaidBy("是的。", TextLanguage.Chinese));
        Assert.False(new ParaphraseAnswer([["是", "对"]], ["不"]).IsSaidBy("不是。", TextLanguage.Chinese));
    }

    private static void CheckThing(ParaphraseThing thing)
    {
        Assert.Contains(thing.Item, Lexicon.English.ItemIds);
        Assert.True(thing.Colour is null || Lexicon.English.ColourIds.Contains(thing.Colour));
        Assert.True(thing.Size is null || Lexicon.English.SizeIds.Contains(thing.Size));
        Assert.True(thing.Cell is null || Lexicon.English.PlaceIds.Contains(thing.Cell));
    }
}
