using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>
/// Changes of pictures, with the one right result: ImgEdit's kinds (arXiv 2505.20275), two changes in one instruction, and the
/// change of a picture that was just drawn. What isn't named stays as it is. A pure function of the dice.
/// </summary>
public static class Editing
{
    private const int Tries = 8;

    private static readonly ImmutableArray<string> Simple =
        ["add", "remove", "replace", "recolour", "resize", "move", "background"];

    private static readonly Intent Background = new(
        [
            "[change|turn|set] the background to {0}", "[please |]make the background {0}",
            "[please |][paint|colour] the background {0}",
            "[use|give it|i want] a {0} background", "the background should [be|become] {0}",
            "[please |]change the colour of the background to {0}",
            "[please |]replace the background [with|by] {0}", "[can|could] you make the background {0}",
            "i [want|would like] the background to be {0}",
        ],
        [
            "[请|]把背景[改成|变成|涂成|换成]{0}", "[请|]将背景[改成|换成|变成]{0}", "背景[改成|换成|变成]{0}", "[把|]背景的颜色[改成|换成]{0}",
            "[换成|使用|改成]{0}背景", "用{0}的背景",
        ]);

    private static readonly Intent Again = new(
        [
            "[draw|paint] [this|the] [picture|image] again", "copy [this|the] [picture|image]",
            "[leave|keep] everything as it is", "show me the same [picture|image] again",
        ],
        ["把这[张|幅]图再画一[遍|次]", "[照着|照原样]画一[张|幅]", "[复制|重画]这[张|幅]图", "什么[都|也]不[要|用]改"]);

    /// <summary>The kinds of changes.</summary>
    public static ImmutableArray<string> Categories { get; } = [.. Simple, "two", "turn"];

    /// <summary>What is practised for them and changes nothing: <c>copy</c>, to draw a picture again.</summary>
    public static ImmutableArray<string> Exercises { get; } = ["copy"];

    /// <summary>A sample.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="language">The language.</param>
    /// <param name="category">One of <see cref="Categories"/> or of <see cref="Exercises"/>.</param>
    /// <param name="split">The split of source and result; of composition the result alone has a held-out pair.</param>
    /// <param name="jitter">Whether the source's objects stand off the middle of their cells.</param>
    /// <returns>The sample.</returns>
    /// <exception cref="WorldException">There is no such category.</exception>
    public static WorldSample Make(Dice dice, TextLanguage language, string category, WorldSplit split, bool jitter = false)
    {
        ArgumentNullException.ThrowIfNull(dice);
        while (true)
        {
            WorldSample? sample = category == "turn"
                ? AfterDrawing(dice, language, split)
                : OfPicture(dice, language, category, split, jitter);
            if (sample is not null)
            {
                return sample;
            }
        }
    }

    /// <summary>What the model says before an edited picture, as in the official data.</summary>
    public static string EditedReply(TextLanguage language) =>
        (language == TextLanguage.English ? "Here is the image: " : "以下为编辑后的图像：") + WorldSample.ImageMark;

    private static WorldSample? OfPicture(Dice dice, TextLanguage language, string category, WorldSplit split, bool jitter)
    {
        WorldSplit from = split == WorldSplit.Composition ? WorldSplit.Test : split;
        Scene source = SceneSampler.Draw(dice, from, jitter);
        if (Splits.HasHeldOutPair(source) || Change(source, dice, language, category) is not { } change
            || !Generation.Belongs(change.Result, split))
        {
            return null;
        }

        string text = WorldSample.ImageMark + " " + Sentence.Request(language, dice, change.Text);
        return new WorldSample(
            WorldTask.Edit, category, language, [new(false, text), new(true, EditedReply(language))], [source, change.Result]);
    }

    private static WorldSample? AfterDrawing(Dice dice, TextLanguage language, WorldSplit split)
    {
        WorldSplit from = split == WorldSplit.Composition ? WorldSplit.Test : split;
        WorldSample drawn = Generation.Make(dice, language, dice.Pick(Generation.Categories.AsSpan()), from);
        Scene source = drawn.Pictures[0];
        if (Change(source, dice, language, dice.Pick(Simple.AsSpan())) is not { } change
            || !Generation.Belongs(change.Result, split))
        {
            return null;
        }

        string text = WorldSample.ImageMark + " " + Sentence.Request(language, dice, change.Text);
        return new WorldSample(
            WorldTask.Edit, "turn", language, [.. drawn.Turns, new(false, text), new(true, EditedReply(language))],
            [source, source, change.Result]);
    }

    private static SceneChange? Change(Scene scene, Dice dice, TextLanguage language, string category)
    {
        if (category == "two")
        {
            return Two(scene, dice, language);
        }

        if (category == "copy")
        {
            return new SceneChange(Again.Say(language, dice), scene, null);
        }

        if (category == "background")
        {
            Background ground = dice.Any<Worlds.Scenes.Background>();
            return ground == scene.Background
                ? null
                : new SceneChange(
                    Background.Say(language, dice, Speech.Of(language).Name(ground)), new Scene(ground, scene.Objects), null);
        }

        for (int i = 0; i < Tries; i++)
        {
            if (ObjectChanges.Make(scene, dice, language, category) is { } change)
            {
                return change;
            }
        }

        return null;
    }

    // The second change is said of the picture as it is after the first; it mustn't undo it or mean another object before it.
    private static SceneChange? Two(Scene scene, Dice dice, TextLanguage language)
    {
        if (Change(scene, dice, language, dice.Pick(Simple.AsSpan())) is not { } first
            || Change(first.Result, dice, language, dice.Pick(Simple.AsSpan())) is not { } second
            || (first.Touched is null && second.Touched is null)
            || (first.Touched is { } one && second.Touched is { } other && one.Overlaps(other))
            || (second.Meant is { } meant && meant.CountIn(scene) != 1))
        {
            return null;
        }

        string text = language == TextLanguage.English
            ? $"{first.Text} and {second.Text}"
            : $"{first.Text}，{dice.Pick("", "再", "然后")}{second.Text}";
        return new SceneChange(text, second.Result, null);
    }
}
