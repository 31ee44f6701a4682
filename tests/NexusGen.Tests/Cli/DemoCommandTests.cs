using System.Xml.Linq;
using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Cli;

/// <summary>The first command of the README does what stands there.</summary>
public sealed class DemoCommandTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    // The pictures' size is the model's own: it draws no other.
    [Fact]
    public async Task ItDrawsThreePicturesEditsOneTwiceAndDescribesIt()
    {
        using var folder = new TemporaryFolder();
        CliRun run = await CliRun.Of("demo", "--output", folder["new/out"]);

        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
        string[] names = ["drawn-1.png", "drawn-2.png", "drawn-3.png", "edited-1.png", "edited-2.png"];
        Assert.Equal([.. new[] { "described.txt" }.Concat(names).Append("sheet.svg").Select(name => $"new/out/{name}")], folder.Files);
        RgbImage[] pictures = [.. names.Select(name => ImageFile.Read(folder[$"new/out/{name}"]))];
        Assert.Equal(names.Length, pictures.Distinct().Count());
        Assert.Single(pictures.Select(picture => (picture.Width, picture.Height)).Distinct());

        // Two questions in two languages: the last edit made the background black.
        string[] described = File.ReadAllLines(folder["new/out/described.txt"]);
        Assert.Equal(2, described.Length);
        Assert.Matches(@"^What is in the picture\? .*star.* black background", described[0]);
        Assert.Matches("^图里有什么？ .*黑色.*星星", described[1]);

        string[] said = run.Out.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(names.Length + described.Length + 1, said.Length);
        Assert.All(names.Zip(said), pair => Assert.StartsWith($"Saved {folder[$"new/out/{pair.First}"]} (", pair.Second));
        Assert.Equal(described, said[names.Length..^1]);
        Assert.StartsWith($"Saved {folder["new/out/sheet.svg"]}: ", said[^1]);

        // Every picture stands on the sheet, and the described one once more beside its description.
        XElement sheet = XDocument.Load(folder["new/out/sheet.svg"]).Root!;
        Assert.InRange(new FileInfo(folder["new/out/sheet.svg"]).Length, 5_000, 1_000_000);
        Assert.Equal([.. pictures, pictures[^1]], sheet.Elements(Svg + "image").Select(image => Decode((string)image.Attribute("href")!)));
        Assert.InRange((int)sheet.Attribute("width")!, 3 * 200, 1000);
        Assert.InRange((int)sheet.Attribute("height")!, 2 * 200, 1000);
        string written = string.Concat(sheet.Elements(Svg + "text").Select(text => text.Value));
        Assert.Contains("Draw two red stars", written);
        Assert.Contains("What is in the picture?", written);
    }

    private static RgbImage Decode(string href) => ImageFile.Read(Convert.FromBase64String(href[(href.IndexOf(',') + 1)..]));
}
