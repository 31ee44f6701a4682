using System.Text.Json;
using NexusGen.Imaging;
using NexusGen.Tests.Cli;
using NexusGen.Training.Data;
using NexusGen.Worlds.Export;
using NexusGen.Worlds.Judging;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Tests.Worlds;

/// <summary>The exported world, read back as training data and by the judge.</summary>
public sealed class WorldExportTests
{
    [Fact]
    public async Task TheFilesAreOfficialDataAndTheirPicturesTheScenes()
    {
        using var folder = new TemporaryFolder();
        CliRun run = await CliRun.Of("shapesworld", "export", "--output", folder["world"], "--count", "12", "--seed", "4");
        Assert.Equal((0, ""), (run.Code, run.Error));
        foreach (string name in (string[])["understand", "generate", "edit", "talk"])
        {
            string[] lines = File.ReadAllLines(folder[$"world/{name}.jsonl"]);
            Assert.Equal(12, lines.Length);
            foreach (string line in lines)
            {
                TrainingSample sample = TrainingSample.Load(
                    TrainingRecord.Parse(System.Text.Encoding.UTF8.GetBytes(line), folder["world"]));
                using JsonDocument json = JsonDocument.Parse(line);
                string[] scenes =
                    [.. json.RootElement.GetProperty("scenes").EnumerateArray().Select(scene => scene.GetString()!)];
                Assert.Equal(sample.Images.Count, scenes.Length);
                foreach ((RgbImage picture, string scene) in sample.Images.Zip(scenes))
                {
                    Scene? read = Judge.Read(new Picture(picture.Width, picture.Height, picture.Pixels.ToArray())).ToScene();
                    Assert.Equal(
                        System.Text.RegularExpressions.Regex.Replace(scene, "(@[0-9],[0-9])[+-][0-9]+[+-][0-9]+", "$1"),
                        read?.ToString());
                }
            }
        }

        using JsonDocument world = JsonDocument.Parse(File.ReadAllText(folder["world/world.json"]));
        Assert.Equal(8, world.RootElement.GetProperty("shapes").EnumerateObject().Count());
        Assert.Equal(
            [Palette.Of(Colour.Cyan).R, Palette.Of(Colour.Cyan).G, Palette.Of(Colour.Cyan).B],
            world.RootElement.GetProperty("colours").GetProperty("Cyan").EnumerateArray().Select(value => value.GetByte()));
        Assert.Contains("seed 4", File.ReadAllText(folder["world/README.md"]));
    }

    [Fact]
    public async Task AFolderThatHoldsSomethingIsLeftAlone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mine.txt"], "mine");
        CliRun run = await CliRun.Of("shapesworld", "export", "--output", folder.Path, "--count", "1");
        Assert.Equal(1, run.Code);
        Assert.Contains("holds something already", run.Error);
        Assert.Equal(["mine.txt"], folder.Files);
    }

    [Fact]
    public void AStoppedExportLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var progress = new Training.Listener<int>(count =>
        {
            if (count == 3)
            {
                stop.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(
            () => WorldExport.Write(folder["world"], new ExportOptions { Samples = 5 }, progress, stop.Token));
        Assert.Empty(folder.Files);
        Assert.False(Directory.Exists(folder["world"]));
    }
}
