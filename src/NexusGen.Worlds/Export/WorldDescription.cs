using System.Text.Json.Nodes;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Worlds.Export;

/// <summary>What the world is, for people and for programs that would judge its pictures.</summary>
internal static class WorldDescription
{
    /// <summary>The content of <c>world.json</c>.</summary>
    public static JsonObject Of(ExportOptions options) => new()
    {
        ["about"] = "ShapesWorld: coloured shapes on a 3x3 grid. Lengths are pixels of a picture of side 112; larger pictures "
            + "are whole multiples.",
        ["side"] = options.Side,
        ["colours"] = Table<Colour>(colour => Rgb(Palette.Of(colour))),
        ["backgrounds"] = Table<Background>(ground => Rgb(Palette.Of(ground))),
        ["shapes"] = Table<Shape>(OutlineOf),
        ["radii"] = Table<ObjectSize>(size => WorldGeometry.Radius(size)),
        ["centres"] = new JsonArray([.. Enumerable.Range(0, Cell.GridSide).Select(line => (JsonNode)WorldGeometry.Center(line))]),
        ["largest_jitter"] = SceneObject.MaxJitter / (double)WorldGeometry.JitterUnits,
        ["largest_number_of_objects"] = Scene.MaxObjects,
        ["layout"] = new JsonObject
        {
            ["size"] = Layout.Size.ToString(),
            ["background"] = Layout.Ground.ToString(),
            ["colour_of_first"] = Layout.ColourOf(0).ToString(),
            ["colour_of_second"] = Layout.ColourOf(1).ToString(),
            ["cells_by_count"] = new JsonArray([.. Enumerable.Range(1, Scene.MaxObjects).Select(count =>
                (JsonNode)CellsOf(Layout.CellsOf(count)))]),
            ["cells_by_relation"] = Table<Relation>(relation => new JsonArray(
            [
                .. Enumerable.Range(1, 3).Select(count => (JsonNode)new JsonObject
                {
                    ["count"] = count,
                    ["first"] = CellsOf(Layout.CellsOf(relation, count, 1).First),
                    ["second"] = CellsOf(Layout.CellsOf(relation, 1, count).Second),
                }),
            ])),
        },
        ["held_out_pairs"] = new JsonArray([.. Splits.HeldOutPairs.Select(pair => (JsonNode)$"{pair.Colour} {pair.Shape}")]),
        ["split"] = "FNV-1a (64 bits) over background, then shape, colour, size and cell (3*row+column) of each object in "
            + "reading order, a byte each, then SplitMix64's finisher; "
            + "modulo 16: 0 and 1 are test, 2 is validation, the rest training.",
    };

    /// <summary>The data card.</summary>
    public static string Card(ExportOptions options)
    {
        string files = string.Concat(options.Tasks.Select(
            task => $"- `{task.ToString().ToLowerInvariant()}.jsonl`: {options.Samples} samples, {About(task)}\n"));
        return $"""
    # ShapesWorld

    Coloured shapes on a 3×3 grid, with texts in English and Chinese: made by a program, without a licence's bounds. Each text
    has one right picture, and each question one right answer.

    {files}- `images/`: the pictures, {options.Side}×{options.Side}, PNG
    - `world.json`: palette, outlines, sizes, places, rules of layout, held-out pairs, split

    Split: {options.Split}; seed {options.Seed}. Training never has a scene of validation or test, and in what is drawn or edited
    none of the held-out pairs of colour and shape.

    A line is `id`, `source`, `category`, `images`, `messages` (role and content; `<image>` where a picture stands) and `scenes`,
    the exact description of each picture: `background: size colour shape@row,column; …`, with `+x+y` behind where an object
    stands off the middle of its cell, in quarters of a pixel of side 112.

    Where a text leaves something open, the world fixes it: objects are big, the first is red and the second green, the
    background is white, and the number of objects says where they stand (`layout` in `world.json`).

    """;
    }

    private static string About(WorldTask task) => task switch
    {
        WorldTask.Understand => "questions about one or two pictures, several turns too",
        WorldTask.Generate => "texts to draw: GenEval's six categories, and whole descriptions",
        WorldTask.Edit => "instructions that change a picture, two at once and after drawing too",
        _ => "conversation without pictures",
    };

    // A ring has two lines, the inner one around its hole.
    private static JsonArray OutlineOf(Shape shape) => new([.. Outlines.Of(shape).Select(line =>
        (JsonNode)new JsonArray(
            [.. line.Select(point => (JsonNode)new JsonArray(Math.Round(point.X, 5), Math.Round(point.Y, 5)))]))]);

    private static JsonObject Table<T>(Func<T, JsonNode> value)
        where T : struct, Enum
    {
        JsonObject table = [];
        foreach (T item in Enum.GetValues<T>())
        {
            table[item.ToString()] = value(item);
        }

        return table;
    }

    private static JsonArray Rgb(Rgb colour) => new(colour.R, colour.G, colour.B);

    private static JsonArray CellsOf(IEnumerable<Cell> cells) =>
        new([.. cells.Select(cell => (JsonNode)new JsonArray(cell.Row, cell.Column))]);
}
