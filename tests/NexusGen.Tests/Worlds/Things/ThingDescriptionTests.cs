using System.Text.Json.Nodes;
using NexusGen.Worlds.Export;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things.Rendering;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>What someone else needs to write a judge.</summary>
public sealed class ThingDescriptionTests
{
    [Fact]
    public void TheDescriptionHasTheTableAndTheRules()
    {
        JsonObject world = ThingDescription.Create();
        Assert.Equal(88, world["things"]!.AsArray().Count);
        Assert.Equal([32, 96, 160], world["centres"]!.AsArray().Select(line => (int)line!));
        Assert.Equal(12, world["backgrounds"]!.AsArray().Count);
        Assert.Equal(199, world["geneval_combinations"]!.AsArray().Count);
        Assert.Equal("Big", (string?)world["layout"]!["size"]);
        Assert.Equal("[[1,1]]", world["layout"]!["cells_by_count"]![0]!.ToJsonString());
        Assert.Equal("[[0,1]]", world["layout"]!["cells_by_relation"]!["Above"]![0]!["first"]!.ToJsonString());
    }

    // With the files alone, a sprite is found where the description says.
    [Fact]
    public void TheSheetsAreWrittenBesideIt()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            ThingDescription.Write(folder);
            JsonNode world = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "world.json")))!;
            string[] names = [.. world["things"]!.AsArray().Select(thing => (string)thing!["id"]!)];
            int index = Array.IndexOf(names, "zebra"), columns = (int)world["columns"]!;
            byte[] sheet = File.ReadAllBytes(Path.Combine(folder, "sprites", "natural-54.png"));
            (int width, _, byte[] pixels) = PngDecoder.Decode(sheet);
            int at = 4 * ((index / columns * 54 + 27) * width + index % columns * 54 + 27);
            byte[] sprite = Sprites.Of(Placed.At(1, 1, "zebra"));
            Assert.Equal(sprite[(4 * (27 * 54 + 27))..][..4], pixels[at..][..4]);
            Assert.Equal(9, Directory.GetFiles(Path.Combine(folder, "sprites")).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
