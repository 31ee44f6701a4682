using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>Changes of one object, or of one more.</summary>
internal static class ObjectChanges
{
    private static readonly Intent Add = new(
        ["add {0}", "[put|place] {0}", "[please |]add {0}[ to the picture|]", "there should be {0}"],
        ["[加|加上|添加]{0}", "[请|]放{0}", "[请|]画上{0}"]);

    private static readonly Intent AddBeside = new(
        ["add {0} {2} {1}", "[put|place] {0} {2} {1}", "[please |]add {0} {2} {1}"],
        ["在{1}的{2}[加|加上|添加|放]{0}", "[请|]在{1}的{2}[加|画]{0}"]);

    private static readonly Intent Remove = new(
        ["remove {0}", "[delete|erase] {0}", "take {0} away", "[please |]remove {0}[ from the picture|]", "{0} should go"],
        ["[删除|去掉|移除|删掉]{0}", "把{0}[删除|去掉|删掉|移除]", "[请|]去掉{0}"]);

    private static readonly Intent Replace = new(
        ["replace {0} [with|by] {1}", "[change|turn] {0} into {1}", "[please |]replace {0} with {1}", "{0} should become {1}"],
        ["把{0}[换成|改成|变成|替换成]{1}", "[请|]将{0}[换成|替换成]{1}", "用{1}[替换|代替]{0}"]);

    private static readonly Intent Recolour = new(
        [
            "make {0} {1}", "[paint|colour] {0} {1}", "[change|turn] {0} to {1}", "change the colour of {0} to {1}",
            "{0} should be {1}",
        ],
        ["把{0}[改成|变成|涂成|换成]{1}", "[请|]将{0}[改成|变成]{1}", "{0}的颜色[改成|换成]{1}"]);

    private static readonly Intent Enlarge = new(
        ["make {0} [bigger|larger|big]", "[enlarge|grow] {0}", "{0} should be [bigger|larger]"],
        ["把{0}[变大|放大]", "[请|]放大{0}", "让{0}[大一点|更大]"]);

    private static readonly Intent Shrink = new(
        ["make {0} [smaller|small]", "shrink {0}", "{0} should be smaller"],
        ["把{0}[变小|缩小]", "[请|]缩小{0}", "让{0}[小一点|更小]"]);

    private static readonly Intent Move = new(
        ["move {0} {1}", "[put|bring|shift] {0} {1}", "[please |]move {0} {1}"],
        ["把{0}[移到|放到|移动到]{1}", "[请|]将{0}[移到|移动到]{1}"]);

    /// <summary>A change; null where what was drawn can't be said or done, so that it must be drawn again.</summary>
    public static SceneChange? Make(Scene scene, Dice dice, TextLanguage language, string category) => category switch
    {
        "add" => Added(scene, dice, language),
        "remove" => Removed(scene, dice, language),
        "replace" => Replaced(scene, dice, language),
        "recolour" => Recoloured(scene, dice, language),
        "resize" => Resized(scene, dice, language),
        "move" => Moved(scene, dice, language),
        _ => throw new WorldException(
            $"There is no category {category} of changes: {string.Join(", ", Editing.Categories)}."),
    };

    private static SceneChange? Added(Scene scene, Dice dice, TextLanguage language)
    {
        if (scene.Objects.Length == Scene.MaxObjects)
        {
            return null;
        }

        var speech = Speech.Of(language);
        var what = new ObjectFilter(dice.Any<Shape>(), dice.Any<Colour>(), dice.Chance(0.5) ? dice.Any<ObjectSize>() : null);
        string text;
        Cell cell;
        ObjectFilter? meant = null;
        if (dice.Chance(0.6))
        {
            cell = Cell.At(dice.Below(Cell.Count));
            text = Add.Say(language, dice, speech.Some(what with { Place = cell }, 1, dice));
        }
        else
        {
            // Beside an object is the next cell.
            SceneObject o = dice.Pick(scene.Objects.AsSpan());
            Relation relation = dice.Any<Relation>();
            cell = o.Cell.Next(relation);
            if (Reference.To(scene, o, dice) is not { } beside)
            {
                return null;
            }

            meant = beside;
            text = AddBeside.Say(
                language, dice, speech.Some(what, 1, dice), speech.The(beside, dice), speech.Relation(relation, dice));
        }

        if (!cell.IsInside || scene.At(cell) is not null)
        {
            return null;
        }

        var added = new SceneObject(what.Shape!.Value, what.Colour!.Value, what.Size ?? Layout.Size, cell);
        return new SceneChange(
            text, new Scene(scene.Background, [.. scene.Objects, added]), new HashSet<Cell> { cell })
        {
            Meant = meant,
        };
    }

    private static SceneChange? Removed(Scene scene, Dice dice, TextLanguage language)
    {
        if (scene.Objects.Length < 2)
        {
            return null;
        }

        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        return Reference.To(scene, o, dice) is { } what
            ? new SceneChange(
                Remove.Say(language, dice, Speech.Of(language).The(what, dice)),
                new Scene(scene.Background, scene.Objects.Where(other => other.Cell != o.Cell)),
                new HashSet<Cell> { o.Cell })
            { Meant = what }
            : null;
    }

    // What isn't said of the new object it has from the old one.
    private static SceneChange? Replaced(Scene scene, Dice dice, TextLanguage language)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        var into = new ObjectFilter(
            dice.Any<Shape>(),
            dice.Chance(0.5) ? dice.Any<Colour>() : null,
            dice.Chance(0.2) ? dice.Any<ObjectSize>() : null);
        return into.Shape == o.Shape
            ? null
            : With(
                scene, o, o with { Shape = into.Shape!.Value, Colour = into.Colour ?? o.Colour, Size = into.Size ?? o.Size },
                dice, language,
                (the, speech) => Replace.Say(language, dice, the, speech.Some(into, 1, dice)));
    }

    private static SceneChange? Recoloured(Scene scene, Dice dice, TextLanguage language)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        Colour colour = dice.Any<Colour>();
        return colour == o.Colour
            ? null
            : With(
                scene, o, o with { Colour = colour }, dice, language,
                (the, speech) => Recolour.Say(language, dice, the, speech.Name(colour)));
    }

    private static SceneChange? Resized(Scene scene, Dice dice, TextLanguage language)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        bool grows = o.Size == ObjectSize.Small;
        return With(
            scene, o, o with { Size = grows ? ObjectSize.Big : ObjectSize.Small }, dice, language,
            (the, _) => (grows ? Enlarge : Shrink).Say(language, dice, the));
    }

    private static SceneChange? Moved(Scene scene, Dice dice, TextLanguage language)
    {
        SceneObject o = dice.Pick(scene.Objects.AsSpan());
        Cell to = Cell.At(dice.Below(Cell.Count));
        return scene.At(to) is not null
            ? null
            : With(
                scene, o, o with { Cell = to, JitterX = 0, JitterY = 0 }, dice, language,
                (the, speech) => Move.Say(language, dice, the, speech.Goal(to, dice)));
    }

    private static SceneChange? With(
        Scene scene, SceneObject old, SceneObject changed, Dice dice, TextLanguage language, Func<string, Speech, string> say)
    {
        if (Reference.To(scene, old, dice) is not { } what)
        {
            return null;
        }

        var speech = Speech.Of(language);
        return new SceneChange(
            say(speech.The(what, dice), speech),
            new Scene(scene.Background, [.. scene.Objects.Where(o => o.Cell != old.Cell), changed]),
            new HashSet<Cell> { old.Cell, changed.Cell })
        { Meant = what };
    }
}
