using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Cli;

/// <summary>Generating, editing, describing and reconstructing with the small model, through the command line.</summary>
public class ImageCommandTests
{
    private static readonly string[] Small = ["--model", CliRun.TinyModel, "--steps", "1", "--width", "64", "--height", "48"];

    [Fact]
    public async Task GenerateSavesAPictureThatTellsHowItWasDrawn()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of([
            "generate", "A cat, 一只猫", "--force-drawing", "--max-new-tokens", "4", "--seed", "7", "--cfg-scale", "2.5",
            "--output", folder["new/cat.png"], .. Small
        ]);

        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(["new/cat.png"], folder.Files);
        RgbImage picture = ImageFile.Read(folder["new/cat.png"]);
        Assert.Equal((64, 48), (picture.Width, picture.Height));
        IReadOnlyDictionary<string, string> told = ImageFile.ReadParameters(folder["new/cat.png"]);
        Assert.Equal(
            ("A cat, 一只猫", "7", "1", "2.5", "64x48", "generation", "tiny"),
            (told["prompt"], told["seed"], told["steps"], told["cfg_scale"], told["size"], told["decoder"], told["model"]));

        CliRun inspected = await CliRun.Of("inspect", folder["new/cat.png"]);
        Assert.Contains("prompt: A cat, 一只猫", inspected.Out);
    }

    [Fact]
    public async Task CountDrawsConsecutiveSeeds()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of([
            "generate", "A cat", "--force-drawing", "--max-new-tokens", "4", "--seed", "7", "--count", "2",
            "--output", folder["cat.webp"], "--json", .. Small
        ]);
        CliRun second = await CliRun.Of([
            "generate", "A cat", "--force-drawing", "--max-new-tokens", "4", "--seed", "8", "--output", folder["again.webp"],
            .. Small
        ]);

        Assert.Equal((ExitCode.Success, ExitCode.Success), (run.Code, second.Code));
        Assert.Equal(["again.webp", "cat-2.webp", "cat.webp"], folder.Files);
        JsonArray pictures = JsonNode.Parse(run.Out)!["pictures"]!.AsArray();
        Assert.Equal([7ul, 8ul], pictures.Select(picture => picture!["seed"]!.GetValue<ulong>()));
        Assert.Equal(
            [folder["cat.webp"], folder["cat-2.webp"]],
            pictures.Select(picture => picture!["file"]!.GetValue<string>()));
        Assert.Equal(ImageFile.Read(folder["again.webp"]), ImageFile.Read(folder["cat-2.webp"]));
        Assert.NotEqual(ImageFile.Read(folder["cat.webp"]), ImageFile.Read(folder["cat-2.webp"]));
    }

    [Fact]
    public async Task SidesAreRoundedUpWithANote()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of(
            "generate", "A cat", "--force-drawing", "--max-new-tokens", "4", "--model", CliRun.TinyModel,
            "--num_inference_steps", "1", "--cfg_scale", "1", "--width", "50", "--height=48", "--result_path", folder["cat.jpg"]);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains("the width is rounded up from 50 to 64 pixels", run.Error);
        Assert.Equal(64, ImageFile.Read(folder["cat.jpg"]).Width);
        Assert.Equal("1", ImageFile.ReadParameters(folder["cat.jpg"])["steps"]);
    }

    [Fact]
    public async Task QuietSaysNothingButTheResult()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of([
            "generate", "A cat", "--force-drawing", "--max-new-tokens", "4", "--quiet", "--cfg-scale", "1",
            "--output", folder["cat.png"], .. Small[..4], "--width", "50"
        ]);

        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
    }

    [Fact]
    public async Task EditChangesAPicture()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of([
            "edit", "Add a hat", "--image", CliRun.Picture("rotated.jpg"), "--force-drawing", "--max-new-tokens", "4",
            "--output", folder["hat.png"], "--json", .. Small
        ]);

        Assert.Equal(ExitCode.Success, run.Code);
        JsonNode picture = Assert.Single(JsonNode.Parse(run.Out)!["pictures"]!.AsArray())!;
        Assert.Equal("editing", picture["decoder"]!.GetValue<string>());
        Assert.Equal(42ul, picture["seed"]!.GetValue<ulong>());
        Assert.Equal("Add a hat", ImageFile.ReadParameters(folder["hat.png"])["instruction"]);
    }

    [Fact]
    public async Task EditMayUseTheGenerationDecoder()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of([
            "edit", "--instruction", "Add a hat", "--input_image", CliRun.Picture("small.png"), "--force-drawing",
            "--max-new-tokens", "4", "--use_generation_decoder", "--output", folder.Path, "--json", .. Small
        ]);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal("generation", JsonNode.Parse(run.Out)!["pictures"]![0]!["decoder"]!.GetValue<string>());
        Assert.Equal(["edit_result.png"], folder.Files);
    }

    [Fact]
    public async Task AReplyWithoutAPictureIsAFailure()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of(
            ["generate", "A cat", "--max-new-tokens", "1", "--temperature", "0", "--output", folder["a/cat.png"], .. Small]);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("--force-drawing", run.Error);
        Assert.False(Directory.Exists(folder["a"]));
    }

    [Fact]
    public async Task UnderstandWritesTheAnswer()
    {
        string[] line =
        [
            "understand", "What is it?", "--image", CliRun.Picture("small.png"), "--max-new-tokens", "8",
            "--model", CliRun.TinyModel
        ];

        CliRun text = await CliRun.Of(line), json = await CliRun.Of([.. line, "--json"]);

        Assert.Equal((ExitCode.Success, ExitCode.Success), (text.Code, json.Code));
        JsonNode reply = JsonNode.Parse(json.Out)!;
        Assert.Equal(reply["plain_text"]!.GetValue<string>().Trim(), text.Out.Trim());

        // An image that the model starts within the eight tokens is finished.
        Assert.InRange(reply["tokens"]!.GetValue<int>(), 1, 8 + 82);
    }

    [Fact]
    public async Task ReconstructTellsHowNearItIs()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of(["reconstruct", CliRun.Picture("small.png"), "--output", folder["again.png"], .. Small]);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Matches(@"(?m)^PSNR -?\d+\.\d\d dB\s*$", run.Out);
        Assert.Matches(@"(?m)^SSIM -?\d\.\d{4}\s*$", run.Out);
        Assert.Equal(["again.png"], folder.Files);
    }

    [Theory]
    [InlineData("nothing.png", "does not exist")]
    [InlineData("README.md", "")]
    public async Task APictureThatIsNoneIsToldAndNothingIsWritten(string name, string reason)
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of(
            ["edit", "red", "--image", Path.Combine(ReferenceFolder.Path, name), "--output", folder["a/b.png"], .. Small]);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains(reason, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(folder["a"]));
    }

    [Fact]
    public async Task AVeryLongPromptGivesASentenceOrAPicture()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await CliRun.Of([
            "generate", string.Concat(Enumerable.Repeat("cat ", 25_000)), "--force-drawing", "--max-new-tokens", "4",
            "--output", folder["cat.png"], .. Small
        ]);

        Assert.Contains(run.Code, (int[])[ExitCode.Success, ExitCode.Failed]);
        Assert.Equal(run.Code == ExitCode.Success, File.Exists(folder["cat.png"]));
        Assert.DoesNotContain("Internal error", run.Error);
    }

    [Fact]
    public async Task CancelledWorkLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        CliRun run = await CliRun.Of(
            "",
            source.Token,
            ["generate", "A cat", "--force-drawing", "--max-new-tokens", "4", "--output", folder["a/cat.png"], .. Small]);

        Assert.Equal(ExitCode.Cancelled, run.Code);
        Assert.Equal("nexusgen: Cancelled.", run.Error.Trim());
        Assert.False(Directory.Exists(folder["a"]));
    }

    [Fact]
    public async Task ABatchGoesOnWhereItStopped()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(
            folder["prompts.jsonl"],
            ["{\"prompt\": \"a cat\"}", "broken", "{\"prompt\": \"a dog\", \"seed\": 9, \"output\": \"dogs/dog.jpg\"}"]);
        string[] line =
        [
            "generate", "--prompts", folder["prompts.jsonl"], "--force-drawing", "--max-new-tokens", "4",
            "--output", folder.Path + "/", "--batch-size", "2", "--json", .. Small
        ];

        CliRun first = await CliRun.Of(line);
        File.Delete(folder["dogs/dog.jpg"]);
        DateTime untouched = File.GetLastWriteTimeUtc(folder["gen_result-0001.png"]);
        CliRun second = await CliRun.Of(line);

        Assert.Equal((ExitCode.Failed, ExitCode.Failed), (first.Code, second.Code));
        Assert.Contains("line 2:", first.Error);
        Assert.Equal((2, 0, 1), Counts(first));
        Assert.Equal((1, 1, 1), Counts(second));
        Assert.Equal(["dogs/dog.jpg", "gen_result-0001.png", "prompts.jsonl"], folder.Files);
        Assert.Equal(untouched, File.GetLastWriteTimeUtc(folder["gen_result-0001.png"]));
        Assert.Equal("9", ImageFile.ReadParameters(folder["dogs/dog.jpg"])["seed"]);
    }

    [Fact]
    public async Task AFinishedPictureOfAnotherPromptIsToldAndKept()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["prompts.jsonl"], "{\"prompt\": \"a cat\"}");
        string[] line =
        [
            "generate", "--prompts", folder["prompts.jsonl"], "--force-drawing", "--max-new-tokens", "4",
            "--output", folder["x.png"], .. Small
        ];
        Assert.Equal(ExitCode.Success, (await CliRun.Of(line)).Code);

        File.WriteAllText(folder["prompts.jsonl"], "{\"prompt\": \"a dog\"}");
        CliRun run = await CliRun.Of(line);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains("was generated from a different prompt", run.Error);
        Assert.Contains("0 generated, 1 skipped, 0 failed", run.Out);
        Assert.Equal("a cat", ImageFile.ReadParameters(folder["x-0001.png"])["prompt"]);
    }

    [Fact]
    public async Task ManyPicturesGoIntoAFolderThatIsMade()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["prompts.jsonl"], "{\"prompt\":\"a cat\"}\n{\"prompt\":\"a dog\"}\n");
        CliRun run = await CliRun.Of([
            "generate", "--prompts", folder["prompts.jsonl"], "--force-drawing", "--max-new-tokens", "4", .. Small,
            "--output", folder["new"]
        ]);
        Assert.Equal(0, run.Code);
        Assert.Equal(
            ["new/gen_result-0001.png", "new/gen_result-0002.png"],
            folder.Files.Where(name => name.EndsWith(".png", StringComparison.Ordinal)));
    }

    private static (int Drawn, int Skipped, int Failed) Counts(CliRun run)
    {
        JsonNode json = JsonNode.Parse(run.Out)!;
        return (json["drawn"]!.GetValue<int>(), json["skipped"]!.GetValue<int>(), json["failed"]!.GetValue<int>());
    }
}
