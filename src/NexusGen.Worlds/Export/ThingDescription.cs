using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;
using NexusGen.Worlds.Things.Rendering;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Export;

/// <summary>
/// What the world of things is, for people and for programs that would judge its pictures: the catalogue, the places, the rules
/// and what training never draws.
/// </summary>
public static class ThingDescription
{
    /// <summary>Makes the content of <c>world.json</c>.</summary>
    /// <returns>The description.</returns>
    public static JsonObject Create()
    {
        JsonObject world = new()
        {
            ["about"] = $"Things and shapes on a 3x3 grid. Lengths are pixels of a picture of side {ThingGeometry.Side}.",
            ["side"] = ThingGeometry.Side,
            ["centres"] = Array(Enumerable.Range(0, Cell.GridSide), line => ThingGeometry.Center(line)),
            ["largest_jitter"] = PlacedThing.MaxJitter,
            ["largest_number_of_objects"] = ThingScene.MaxObjects,
            ["sprites"] = "natural-SIZE.png, fixed-SIZE.png and tint-SIZE.png, in the order of things, 'columns' in a row. "
                + "A recoloured pixel is min(255, fixed + (sum of tint weights times the shades body, light, dark, ink + 127) "
                + "/ 255); over a background it is min(255, pixel + (background * (255 - alpha) + 127) / 255); all in whole "
                + "numbers, and the sprite's box is centred on the middle of its cell.",
            ["hides"] = "A scene never has a thing of a colour, or in its natural look, that its background hides.",
            ["same"] = "The natural look and the dominant colour of a thing count as the same.",
            ["layout"] = Rules(),
            ["held_out_colours"] = Array(ThingSplits.HeldOutColours, pair => $"{pair.Colour} {pair.Thing}"),
            ["held_out_pairs"] = Array(ThingSplits.HeldOutPairs, pair => $"{pair.First} and {pair.Second}"),
            ["geneval_combinations"] = Array(GenEvalPairs.All, pair => $"{Name(pair.First, pair.FirstColour)} and "
                + Name(pair.Second, pair.SecondColour)),
            ["split"] = "FNV-1a (64 bits) over the number of the background, then of thing, look (0 natural, then the colours), "
                + "size (0 small, 1 medium, 2 big) and cell (3*row+column) of each thing in reading order, a byte each, then "
                + "SplitMix64's finisher; modulo 16: 0 and 1 are test, 2 is validation, the rest training.",
        };
        foreach ((string name, JsonNode? value) in JsonNode.Parse(ThingCatalogue.Resource(ThingCatalogue.Table))!.AsObject())
        {
            world[name] = value?.DeepClone();
        }

        return world;
    }

    /// <summary>Writes <c>world.json</c> and the sheets of sprites.</summary>
    /// <param name="folder">The folder; it is created where it isn't there.</param>
    /// <exception cref="IOException">A file can't be written.</exception>
    public static void Write(string folder)
    {
        string sprites = Path.Combine(folder, "sprites");
        Directory.CreateDirectory(sprites);
        JsonSerializerOptions options = new() { WriteIndented = true };
        File.WriteAllText(Path.Combine(folder, "world.json"), Create().ToJsonString(options) + "\n");
        foreach (string sheet in Enum.GetValues<ThingSize>().SelectMany(SpriteSheet.NamesOf))
        {
            File.WriteAllBytes(Path.Combine(sprites, sheet), ThingCatalogue.Resource(SpriteSheet.Folder + sheet));
        }
    }

    private static JsonObject Rules() => new()
    {
        ["size"] = ThingLayout.Size.ToString(),
        ["look"] = "natural",
        ["background"] = "the first of 'backgrounds' that hides nothing of the scene",
        ["cells_by_count"] = Array(Enumerable.Range(1, ThingScene.MaxObjects), count => Cells(ThingLayout.CellsOf(count))),
        ["cells_by_relation"] = new JsonObject(Enum.GetValues<Relation>().Select(relation => KeyValuePair.Create(
            relation.ToString(), (JsonNode?)Array(Enumerable.Range(1, 3), count => new JsonObject
            {
                ["count"] = count,
                ["first"] = Cells(ThingLayout.CellsOf(relation, count, 1).First),
                ["second"] = Cells(ThingLayout.CellsOf(relation, 1, count).Second),
            })))),
    };

    private static string Name(Thing thing, ThingColour? colour) => colour is null ? thing.Name : $"{colour} {thing}";

    private static JsonArray Cells(IEnumerable<Cell> cells) => Array(cells, cell => new JsonArray(cell.Row, cell.Column));

    private static JsonArray Array<T>(IEnumerable<T> values, Func<T, JsonNode> node) =>
        new([.. values.Select(value => (JsonNode?)node(value))]);
}
