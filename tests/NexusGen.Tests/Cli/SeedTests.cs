using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Cli;

/// <summary>Random seeds are told, and repeat what was made with them.</summary>
public class SeedTests
{
    private static readonly string[] Small =
    [
        "--model", CliRun.TinyModel, "--steps", "1", "--width", "32", "--height", "32", "--cfg-scale", "1",
        "--max-new-tokens", "4", "--force-drawing",
    ];

    [Theory]
    [InlineData("random")]
    [InlineData("-1")]
    public async Task ARandomSeedIsToldAndStoredAndRepeatsTheImage(string seed)
    {
        using var folder = new TemporaryFolder();

        CliRun first = await CliRun.Of(["generate", "a cat", "--seed", seed, "--output", folder["a.png"], .. Small]);
        CliRun other = await CliRun.Of(["generate", "a cat", "--seed", seed, "--output", folder["b.png"], .. Small]);
        string stored = ImageFile.ReadParameters(folder["a.png"])["seed"];
        CliRun again = await CliRun.Of(["generate", "a cat", "--seed", stored, "--output", folder["c.png"], .. Small]);

        Assert.Equal([0, 0, 0], new[] { first.Code, other.Code, again.Code });
        Assert.Contains($"seed {stored})", first.Out);
        Assert.Contains($"Note: the random seed is --seed {stored}.", first.Error);
        Assert.InRange(ulong.Parse(stored, CultureInfo.InvariantCulture), 0ul, uint.MaxValue);
        Assert.NotEqual(ImageFile.Read(folder["a.png"]), ImageFile.Read(folder["b.png"]));
        Assert.Equal(ImageFile.Read(folder["a.png"]), ImageFile.Read(folder["c.png"]));
    }

    [Fact]
    public async Task AnAnswerTellsItsSeed()
    {
        string[] line = ["understand", "hello", "--json", "--max-new-tokens", "2", "--model", CliRun.TinyModel, "--seed"];

        CliRun drawn = await CliRun.Of([.. line, "random"]);
        CliRun given = await CliRun.Of([.. line, "7"]);

        Assert.Contains($"--seed {JsonNode.Parse(drawn.Out)!["seed"]}.", drawn.Error);
        Assert.Equal(7, (int)JsonNode.Parse(given.Out)!["seed"]!);
        Assert.Equal("", given.Error);
    }

    [Fact]
    public async Task EditsOfAFileAreMadeLineByLine()
    {
        using var folder = new TemporaryFolder();
        File.Copy(CliRun.Picture("small.png"), folder["own.png"]);
        File.WriteAllText(folder["edits.jsonl"], """
            {"prompt": "make it blue", "seed": "random"}
            {"prompt": "make it red", "image": "own.png", "seed": 5, "output": "red.png", "count": 2}
            {"prompt": "make it red", "image": "none.png"}
            {"prompt": "make it red", "language": "zh"}
            """);
        string[] line =
        [
            "edit", "--prompts", folder["edits.jsonl"], "--image", CliRun.Picture("small.png"), "--output", folder["out"],
            .. Small,
        ];

        CliRun run = await CliRun.Of(line);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("line 3: The image '", run.Error);
        Assert.Contains("line 4: unknown field 'language'", run.Error);
        Assert.Contains("2 generated, 0 skipped, 2 failed", run.Out);
        Assert.Equal(["edits.jsonl", "out/edit_result-0001.png", "out/red-2.png", "out/red.png", "own.png"], folder.Files);
        IReadOnlyDictionary<string, string> told = ImageFile.ReadParameters(folder["out/red.png"]);
        Assert.Equal(("make it red", "5", "editing"), (told["instruction"], told["seed"], told["decoder"]));

        CliRun again = await CliRun.Of(line);
        Assert.Contains("0 generated, 2 skipped, 2 failed", again.Out);
        Assert.DoesNotContain("different prompt", again.Error);
    }

    [Fact]
    public async Task AnEditWithoutAnImageIsTold()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["edits.jsonl"], "{\"prompt\": \"make it blue\"}\n");

        CliRun none = await CliRun.Of("edit", "--prompts", folder["edits.jsonl"], "--model", CliRun.TinyModel);
        CliRun both = await CliRun.Of("edit", "make it blue", "--prompts", folder["edits.jsonl"]);

        Assert.Contains("line 1: it names no image, and there is no --image.", none.Error);
        Assert.Equal(ExitCode.InvalidUsage, both.Code);
    }
}
