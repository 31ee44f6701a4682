using System.Text;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Texts;

/// <summary>Chinese names and measure words: stars and hearts are counted by 颗, all else by 个.</summary>
internal sealed class ChineseSpeech : Speech
{
    private static readonly string[] Shapes = ["圆形", "正方形", "三角形", "星星", "圆环", "菱形", "十字", "爱心"];

    private static readonly string[] Colours = ["红色", "橙色", "黄色", "绿色", "青色", "蓝色", "紫色", "粉色"];

    private static readonly string[] Backgrounds = ["白色", "黑色", "灰色", "米色", "棕色"];

    private static readonly string[] Numbers = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];

    private static readonly string[] Places = ["左上角", "上方", "右上角", "左边", "中间", "右边", "左下角", "下方", "右下角"];

    private static readonly Phrase[] PlacePhrases =
    [
        new("左上角"), new("上[方|边]"), new("右上角"), new("左[边|侧]"), new("[中间|中央]"), new("右[边|侧]"),
        new("左下角"), new("下[方|边]"), new("右下角"),
    ];

    private static readonly Phrase[] Relations =
        [new("左[边|侧]"), new("右[边|侧]"), new("上[面|方|边]"), new("下[面|方|边]")];

    private static readonly string[] CanonicalRelations = ["左边", "右边", "上面", "下面"];

    public override string Name(Shape shape) => Shapes[(int)shape];

    public override string Name(Colour colour) => Colours[(int)colour];

    public override string Name(ObjectSize size) => size == ObjectSize.Small ? "小" : "大";

    public override string Name(Background background) => Backgrounds[(int)background];

    public override string Number(int number) => Numbers[number];

    public override string Amount(int number, Shape? shape) => number == 0 ? "没有" : Counting(number) + Measure(shape);

    public override string Measure(Shape? shape) => shape is Shape.Star or Shape.Heart ? "颗" : "个";

    public override string Place(Cell cell, Dice? dice) => dice is null ? Places[cell.Index] : PlacePhrases[cell.Index].Say(dice);

    public override string Goal(Cell cell, Dice? dice) => Place(cell, dice);

    public override string Relation(Relation relation, Dice? dice) =>
        dice is null ? CanonicalRelations[(int)relation] : Relations[(int)relation].Say(dice);

    // 左上角有一颗红色的大星星 is a sentence, 左上角的一颗红色的大星星 a noun phrase: callers choose; here it is the noun phrase.
    public override string Some(ObjectFilter what, int count, Dice? dice)
    {
        StringBuilder text = AtPlace(what, dice);
        text.Append(dice is not null && dice.Chance(0.15)
            ? count.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : Counting(count));
        return Noun(text.Append(Measure(what.Shape)), what, dice);
    }

    public override string The(ObjectFilter what, Dice? dice) => Noun(AtPlace(what, dice), what, dice);

    public override string Kind(ObjectFilter what, Dice? dice) => Noun(AtPlace(what, dice), what, dice);

    public override string List(IReadOnlyList<string> items) =>
        items.Count == 1 ? items[0] : $"{string.Join("、", items.Take(items.Count - 1))}和{items[^1]}";

    public override string Describe(Scene scene)
    {
        StringBuilder text = new(Name(scene.Background) + "背景上");
        foreach (SceneObject o in scene.Objects)
        {
            text.Append('，').Append(Places[o.Cell.Index]).Append('有')
                .Append(Some(new ObjectFilter(o.Shape, o.Colour, o.Size), 1, null));
        }

        return text.ToString();
    }

    private static string Counting(int number) => number == 2 ? "两" : Numbers[number];

    private static StringBuilder AtPlace(ObjectFilter what, Dice? dice) =>
        what.Place is { } place ? new StringBuilder(Chinese.Place(place, dice)).Append('的') : new StringBuilder();

    // The size stands right before the noun: 大红色 would be another colour. Between colour and size 的 always stands.
    private static string Noun(StringBuilder text, ObjectFilter what, Dice? dice)
    {
        if (what.Colour is { } colour)
        {
            text.Append(Chinese.Name(colour));
            if (what.Size is not null || dice is null || dice.Chance(0.5))
            {
                text.Append('的');
            }
        }

        if (what.Size is { } size)
        {
            text.Append(Chinese.Name(size));
        }

        return text.Append(what.Shape is { } shape ? Chinese.Name(shape) : dice is not null && dice.Chance(0.3) ? "物体" : "图形")
            .ToString();
    }
}
