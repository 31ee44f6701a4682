using System.Collections.Immutable;
using System.Text.RegularExpressions;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Texts;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// Texts to draw, with the one right image by <see cref="ThingLayout"/>: GenEval's six categories (arXiv 2310.11513) in its own
/// and in people's words, and whole descriptions. A pure function of the dice.
/// </summary>
internal static partial class Drawings
{
    private const double GenEvalShare = 0.25;
    private const double GroundShare = 0.4;

    /// <summary>GenEval's six, and <c>full</c>: descriptions of several things, mostly with all their places.</summary>
    public static ImmutableArray<string> Categories { get; } =
        ["single", "two", "counting", "colours", "position", "attribution", "full"];

    /// <summary>Creates a sample.</summary>
    public static ThingSample Make(Dice dice, TextLanguage language, string category, ThingScope scope)
    {
        var dialogue = new Dialogue(dice, language, scope);
        Request(dialogue, category, scope, out ThingScene scene, out string text);
        dialogue.Ask(text);
        dialogue.Draw(scope.Jitter ? ThingSampler.Jitter(scene, dice) : scene);
        return dialogue.ToSample(ThingTask.Generate, category);
    }

    /// <summary>Draws a request and its scene.</summary>
    /// <param name="dialogue">The conversation. Once it has an image, the text says clearly that a new one is meant.</param>
    /// <param name="category">One of <see cref="Categories"/>.</param>
    /// <param name="scope">What may be drawn.</param>
    /// <param name="scene">Receives the scene.</param>
    /// <param name="text">Receives the clean text.</param>
    public static void Request(Dialogue dialogue, string category, ThingScope scope, out ThingScene scene, out string text)
    {
        while (true)
        {
            if (Write(dialogue.Dice, dialogue.Language, category) is var (words, drawn)
                && scope.MayDraw(drawn) && ThingScope.MaySay(words)
                && (dialogue.Current is null ? !Another().IsMatch(words) : IsClearlyNew(words, dialogue.Language)))
            {
                (scene, text) = (drawn, words);
                return;
            }
        }
    }

    private static bool IsClearlyNew(string text, TextLanguage language) => language == TextLanguage.English
        ? NewEnglish().IsMatch(text) && !OldEnglish().IsMatch(text)
        : NewChinese().IsMatch(text) && !OldChinese().IsMatch(text);

    private static (string Text, ThingScene Scene)? Write(Dice dice, TextLanguage language, string category)
    {
        bool official = category != "full" && dice.Chance(GenEvalShare);
        Slots slots;
        string intent = "draw.geneval";
        ImmutableArray<Cell> cells;
        switch (category)
        {
            case "single":
            case "colours":
                Mention one = Any(dice, official, category == "colours");
                one = !official && dice.Chance(0.45) ? one with { Place = Ids.Of(Cell.At(dice.Below(Cell.Count))) } : one;
                slots = Slots.Of(one);
                cells = one.Place is null ? ThingLayout.CellsOf(1) : [Cell.At(Lexicon.English.PlaceIds.IndexOf(one.Place))];
                intent = official ? intent : one.Place is null ? "draw.one" : "draw.place";
                break;
            case "two":
            case "attribution":
                slots = Slots.Of(Several(dice, 2, official, category == "attribution"));
                cells = ThingLayout.CellsOf(2);
                intent = official ? intent : "draw.several";
                break;
            case "counting":
                Mention counted = Any(dice, official, !official && dice.Chance(0.4));
                slots = Slots.Of(counted with { Count = dice.Between(2, ThingScene.MaxObjects) });
                cells = ThingLayout.CellsOf(slots.Things[0].Count);
                intent = official ? intent : "draw.count";
                break;
            case "position":
                return Position(dice, language, official);
            default:
                return dice.Chance(0.7) ? Scene(dice, language) : Group(dice, language);
        }

        return Place(dice, language, intent, slots, cells, official);
    }

    private static (string, ThingScene)? Position(Dice dice, TextLanguage language, bool official)
    {
        Mention[] two = Several(dice, 2, official, named: dice.Chance(0.3));
        string relation = official || dice.Chance(0.85) ? Ids.Of(dice.Any<Relation>()) : Ids.NextTo;
        if (!official && dice.Chance(0.3))
        {
            two[dice.Below(2)] = two[dice.Below(2)] with { Count = 2 };
            if (two[0].Item == two[1].Item)
            {
                return null;
            }
        }

        Slots slots = Slots.Of(two) with { Relation = relation };
        (ImmutableArray<Cell> first, ImmutableArray<Cell> second) =
            ThingLayout.CellsOf(Ids.RelationOf(relation) ?? Relation.Left, two[0].Count, two[1].Count);
        return Place(
            dice, language, official ? "draw.geneval.relation" : "draw.relation", slots, [.. first, .. second], official);
    }

    // Several things without places, some of them more than once: "two cats, a dog and a red car".
    private static (string, ThingScene)? Group(Dice dice, TextLanguage language)
    {
        Mention[] things = Several(dice, dice.Between(2, 4), official: false, named: dice.Chance(0.4));
        things[0] = dice.Chance(0.5) ? things[0] with { Count = 2 } : things[0];
        return things.Sum(thing => thing.Count) is var count and > 2 and <= ThingScene.MaxObjects
            ? Place(dice, language, "draw.several", Slots.Of(things), ThingLayout.CellsOf(count), official: false)
            : null;
    }

    private static (string, ThingScene) Scene(Dice dice, TextLanguage language)
    {
        ThingScene scene = ThingSampler.Draw(dice);
        PlacedThing[] things = [.. scene.Objects];
        dice.Shuffle<PlacedThing>(things);
        bool open = ThingLayout.BackgroundOf(things) == scene.Background && dice.Chance(0.7);
        var slots = new Slots
        {
            Things = [.. things.Select(Mentions.Whole)],
            Ground = open ? null : scene.Background.Name,
        };
        return (Wording.Realize(things.Length == 1 ? "draw.place" : "draw.scene", slots, language, dice), scene);
    }

    // A text and its scene, or null if the background that was drawn hides a thing.
    private static (string, ThingScene)? Place(
        Dice dice, TextLanguage language, string intent, Slots slots, ImmutableArray<Cell> cells, bool official)
    {
        PlacedThing[] things = [.. slots.Things.SelectMany(one => Enumerable.Repeat(one, one.Count))
            .Select((mention, i) => Thing(mention, cells[i]))];
        ThingBackground? named = !official && dice.Chance(GroundShare) ? dice.Pick(ThingCatalogue.Backgrounds.AsSpan()) : null;
        if (named is not null && Array.Exists(things, one => named.Hides(one.Thing, one.Colour)))
        {
            return null;
        }

        var scene = new ThingScene(named ?? ThingLayout.BackgroundOf(things), things);
        return (Wording.Realize(intent, slots with { Ground = named?.Name }, language, dice), scene);
    }

    /// <summary>Returns the thing that a mention of a new one describes.</summary>
    public static PlacedThing Thing(Mention mention, Cell cell) => new(
        ThingCatalogue.Thing(mention.Item!), mention.Colour is null ? null : ThingCatalogue.Colour(mention.Colour),
        mention.Size switch
        {
            "small" => ThingSize.Small,
            "medium" => ThingSize.Medium,
            _ => ThingLayout.Size,
        },
        cell);

    /// <summary>Returns a mention of any thing.</summary>
    /// <param name="dice">The source of chance.</param>
    /// <param name="official">Whether it is named as GenEval does: a class of its own and no size.</param>
    /// <param name="named">Whether a colour is named.</param>
    public static Mention Any(Dice dice, bool official, bool named) => new()
    {
        Item = dice.Pick(ThingCatalogue.Things.AsSpan()[(official ? ThingCatalogue.Shapes : 0)..]).Name,
        Colour = named ? dice.Pick(ThingCatalogue.Colours.AsSpan()).Name : null,
        Size = !official && dice.Chance(0.3) ? Ids.Of(dice.Any<ThingSize>()) : null,
    };

    private static Mention[] Several(Dice dice, int count, bool official, bool named)
    {
        while (true)
        {
            Mention[] things = [.. Enumerable.Range(0, count).Select(_ => Any(dice, official, named))];
            if (things.DistinctBy(thing => thing.Item).Count() == count)
            {
                return things;
            }
        }
    }

    [GeneratedRegex(
        @"\b(draw|paint|sketch|generate|create|render|(new|next|another) picture|"
        + @"(picture|image|pic|photo|photograph|drawing|illustration) (of|with|showing|that))\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex NewEnglish();

    [GeneratedRegex(
        @"\b(put|place|add|the picture|this picture|in it|there should|there must|as well|too|empty|first|second)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex OldEnglish();

    [GeneratedRegex(
        "[张幅]图|[张幅].*的[图画照]|图片|图像|生成|绘制|描绘|创作|设计|画一?[张幅个]|"
        + "^(请你?|帮我|麻烦你?|给我|替我|为我|你)*画(?![上面])")]
    private static partial Regex NewChinese();

    // What is said only after another image.
    [GeneratedRegex(
        @"\b(last one|next (one|picture)?|another picture|new one)\b|刚才|上一张|另画|换一张|重新画|下一张", RegexOptions.IgnoreCase)]
    private static partial Regex Another();

    [GeneratedRegex("再|加|放|这张|这幅|图[里上中]|进去|画面|空着")]
    private static partial Regex OldChinese();
}
