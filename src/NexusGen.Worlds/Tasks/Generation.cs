using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>
/// Texts to draw, with the one right picture (<see cref="Layout"/>): GenEval's six categories (arXiv 2310.11513) and whole
/// descriptions. A pure function of the dice.
/// </summary>
public static class Generation
{
    /// <summary>GenEval's six, and <c>full</c>: descriptions that name everything.</summary>
    public static ImmutableArray<string> Categories { get; } =
        ["single", "two", "counting", "colours", "position", "attribution", "full"];

    private static readonly Intent Request = new(
        [
            "[please |]draw {0}", "[please |]paint {0}", "[please |]create [a picture|an image] of {0}", "[please |]show me {0}",
            "[please |]make [a picture|an image] with {0}",
            "[can|could] you draw {0}", "i [want|would like] [a picture|an image] of {0}", "[a picture|an image] of {0}",
            "generate {0}", "{0}",
        ],
        [
            "[请|]画{0}", "[请|]画[一张|一幅]{0}的[图|图片|图像]", "[请|]生成{0}", "[请|][给我|帮我]画{0}", "我[想|]要{0}的[图|图片]",
            "[来|]一[张|幅]{0}的[图|图片]", "{0}",
        ]);

    private static readonly Intent OnGround = new(
        ["{0} on a {1} background", "{0} on {1}", "{0}, the background is {1}"],
        ["{1}背景上的{0}", "{0}，背景是{1}[的|]"]);

    /// <summary>A sample.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="language">The language.</param>
    /// <param name="category">One of <see cref="Categories"/>.</param>
    /// <param name="split">The split; of composition are scenes of testing with a held-out pair, of all others none.</param>
    /// <param name="jitter">Whether the expected objects stand off the middle of their cells.</param>
    /// <returns>The sample.</returns>
    /// <exception cref="WorldException">There is no such category.</exception>
    public static WorldSample Make(Dice dice, TextLanguage language, string category, WorldSplit split, bool jitter = false)
    {
        ArgumentNullException.ThrowIfNull(dice);
        while (true)
        {
            (string text, Scene scene) = Write(dice, language, category);
            if (!Belongs(scene, split))
            {
                continue;
            }

            scene = jitter ? SceneSampler.Jitter(scene, dice) : scene;
            return new WorldSample(
                WorldTask.Generate, category, language, [new(false, Ask(dice, language, text)), new(true, DrawnReply(language))],
                [scene]);
        }
    }

    /// <summary>What the model says before a picture that it draws from a text, as in the official data.</summary>
    public static string DrawnReply(TextLanguage language) => language == TextLanguage.English
        ? "Here is an image based on the description: " + WorldSample.ImageMark
        : "这是根据您的描述生成的图像：" + WorldSample.ImageMark;

    /// <summary>Whether a scene that is drawn is of a split.</summary>
    internal static bool Belongs(Scene scene, WorldSplit split) => split == WorldSplit.Composition
        ? Splits.HasHeldOutPair(scene) && Splits.Of(scene) == WorldSplit.Test
        : !Splits.HasHeldOutPair(scene) && Splits.Of(scene) == split;

    /// <summary>A request as people or the official scripts write it.</summary>
    internal static string Ask(Dice dice, TextLanguage language, string text)
    {
        if (dice.Chance(0.5))
        {
            string description = Sentence.Request(language, dice, text);
            return language == TextLanguage.English
                ? "Generate an image according to the following description: " + description
                : "根据以下描述生成一张图像：" + description;
        }

        return Sentence.Request(language, dice, Request.Say(language, dice, text));
    }

    /// <summary>A text and its scene.</summary>
    internal static (string Text, Scene Scene) Write(Dice dice, TextLanguage language, string category)
    {
        var speech = Speech.Of(language);
        return category switch
        {
            "single" => One(dice, language, speech, named: false),
            "colours" => One(dice, language, speech, named: true),
            "two" => Two(dice, language, speech, named: false),
            "attribution" => Two(dice, language, speech, named: true),
            "counting" => Several(dice, language, speech),
            "position" => Related(dice, language, speech),
            "full" => Whole(dice, speech),
            _ => throw new WorldException(
                $"There is no category {category} of texts to draw: {string.Join(", ", Categories)}."),
        };
    }

    private static (string, Scene) One(Dice dice, TextLanguage language, Speech speech, bool named)
    {
        ObjectFilter what = Filter(dice, named) with { Place = dice.Chance(0.5) ? Cell.At(dice.Below(Cell.Count)) : null };
        return Grounded(dice, language, speech, speech.Some(what, 1, dice), [Fill(what, 0, what.Place ?? Layout.CellsOf(1)[0])]);
    }

    private static (string, Scene) Two(Dice dice, TextLanguage language, Speech speech, bool named)
    {
        ObjectFilter first = Filter(dice, named), second = Filter(dice, named);
        while (second.Shape == first.Shape)
        {
            second = second with { Shape = dice.Any<Shape>() };
        }

        ImmutableArray<Cell> cells = Layout.CellsOf(2);
        string text = speech.List([speech.Some(first, 1, dice), speech.Some(second, 1, dice)]);
        return Grounded(dice, language, speech, text, [Fill(first, 0, cells[0]), Fill(second, 1, cells[1])]);
    }

    private static (string, Scene) Several(Dice dice, TextLanguage language, Speech speech)
    {
        int count = dice.Between(2, Scene.MaxObjects);
        ObjectFilter what = Filter(dice, dice.Chance(0.7));
        return Grounded(
            dice, language, speech, speech.Some(what, count, dice),
            [.. Layout.CellsOf(count).Select(cell => Fill(what, 0, cell))]);
    }

    private static (string, Scene) Related(Dice dice, TextLanguage language, Speech speech)
    {
        ObjectFilter first = Filter(dice, dice.Chance(0.7)), second = Filter(dice, first.Colour is not null);
        while (second.Shape == first.Shape)
        {
            second = second with { Shape = dice.Any<Shape>() };
        }

        // Mostly one object each, sometimes groups: "two red stars left of a blue ring".
        Relation relation = dice.Any<Relation>();
        int ones = dice.Chance(0.6) ? 1 : dice.Between(2, 3), others = dice.Chance(0.7) ? 1 : 2;
        (ImmutableArray<Cell> one, ImmutableArray<Cell> other) = Layout.CellsOf(relation, ones, others);
        string a = speech.Some(first, ones, dice), b = speech.Some(second, others, dice), how = speech.Relation(relation, dice);
        string text = language == TextLanguage.English ? $"{a} {how} {b}" : dice.Chance(0.5) ? $"{b}{how}有{a}" : $"{a}在{b}的{how}";
        return Grounded(
            dice, language, speech, text,
            [.. one.Select(cell => Fill(first, 0, cell)), .. other.Select(cell => Fill(second, 1, cell))]);
    }

    private static (string, Scene) Whole(Dice dice, Speech speech)
    {
        Scene scene = SceneSampler.Draw(dice);
        return (speech.Describe(scene), scene);
    }

    private static (string, Scene) Grounded(
        Dice dice, TextLanguage language, Speech speech, string text, IEnumerable<SceneObject> objects)
    {
        Background ground = dice.Chance(0.6) ? dice.Any<Background>() : Layout.Ground;
        bool said = ground != Layout.Ground || dice.Chance(0.2);
        return (said ? OnGround.Say(language, dice, text, speech.Name(ground)) : text, new Scene(ground, objects));
    }

    private static ObjectFilter Filter(Dice dice, bool named) => new(
        dice.Any<Shape>(), named ? dice.Any<Colour>() : null, dice.Chance(0.4) ? dice.Any<ObjectSize>() : null);

    private static SceneObject Fill(ObjectFilter what, int index, Cell cell) =>
        new(what.Shape!.Value, what.Colour ?? Layout.ColourOf(index), what.Size ?? Layout.Size, cell);
}
