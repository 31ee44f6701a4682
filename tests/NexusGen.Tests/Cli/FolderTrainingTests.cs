using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Tests.Model;

namespace NexusGen.Tests.Cli;

/// <summary>LoRAs that are trained on folders of images, through the command line.</summary>
public sealed class FolderTrainingTests : IDisposable
{
    private static readonly string[] Quick =
    [
        "--set", "batch_size=1", "--set", "threads=1", "--set", "workers=0", "--set", "warmup_steps=0", "--set", "log_every=1",
        "--set", "lora.rank=2",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly ModelCopy _model = new();

    public FolderTrainingTests()
    {
        _model.MakeImagesSmall();
        foreach (string name in (string[])["a.png", "b.png", "pairs/before/a.png", "pairs/after/a.png"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder["pictures/" + name])!);
            File.Copy(CliRun.Picture(name.StartsWith('a') ? "room.png" : "cat.png"), _folder["pictures/" + name]);
        }

        Directory.Move(_folder["pictures/pairs"], _folder["pairs"]);
        _folder.Write("pictures/a.txt", "a room");
        _folder.Write("pairs/a.txt", "Make it winter.");
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    // A decoder is trained on images alone; the folder is prepared in the run and not again when it is resumed.
    [Fact]
    public async Task ADecoderLearnsFromAFolder()
    {
        CliRun run = await Train("generation-decoder", "pictures", "steps=2", "--set", "lora.format=kohya");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains($"preparing {_folder["pictures"]}: 2 images", run.Out);
        Assert.Matches("[12] images were cropped to 64x64, and lost at most [0-9]+ ?% of a side", run.Out);
        Assert.Contains($"wrote {_folder["run/lora.safetensors"]}", run.Out);
        string prepared = Assert.Single(Directory.GetFiles(_folder["run"], "shard-*", SearchOption.AllDirectories));
        DateTime before = File.GetLastWriteTimeUtc(prepared);
        CliRun resumed = await Train("generation-decoder", "pictures", "steps=3", "--set", "lora.format=kohya", "--resume");
        Assert.Equal((ExitCode.Success, ""), (resumed.Code, resumed.Error));
        Assert.Equal(before, File.GetLastWriteTimeUtc(prepared));
        Assert.Equal(3, File.ReadAllLines(_folder["run/metrics.jsonl"]).Length);

        CliRun wrong = await Train("generation-decoder", "pairs", "steps=4", "--resume");
        Assert.Contains("pairs of images, which are for the editing decoder", wrong.Error);
        CliRun installed = await CliRun.Of("export", _folder["run"], "--model", _model.Path);
        Assert.Equal(ExitCode.InvalidUsage, installed.Code);
        Assert.Contains("use --output", installed.Error);
    }

    [Fact]
    public async Task TheEditingDecoderLearnsFromPairs()
    {
        CliRun run = await Train("editing-decoder", "pairs", "steps=1");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        CliRun wrong = await Train("editing-decoder", "pictures", "steps=1");
        Assert.Contains("needs the folders before and after", wrong.Error);
    }

    [Fact]
    public async Task TheLanguageModelLearnsCaptionsAndPassesOverImagesWithoutOne()
    {
        CliRun run = await Train("language-model", "pictures", "steps=2");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains("b.png: has no caption", run.Out);
        CliRun used = await CliRun.Of(
            "understand", "What is this?", "--model", _model.Path, "--max-new-tokens", "2", "--lora", _folder["run/lora"]);
        Assert.Equal((ExitCode.Success, ""), (used.Code, used.Error));
    }

    // The sample before the first step is the model's own image, and the last one that of the written file.
    [Fact]
    public async Task SamplesAreWhatTheFilesGive()
    {
        CliRun run = await Train(
            "generation-decoder", "pictures", "steps=2", "--set", "learning_rate=0.05", "--set", "ema_decay=0.5",
            "--set", "samples={prompts: [a room], every: 1, seed: 5}");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Equal(
            ["step-00000000-1.png", "step-00000001-1.png", "step-00000002-1.png"],
            Directory.GetFileSystemEntries(_folder["run/samples"]).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(await Draw(), ImageFile.Read(_folder["run/samples/step-00000000-1.png"]));
        RgbImage last = ImageFile.Read(_folder["run/samples/step-00000002-1.png"]);
        Assert.Equal(await Draw("--lora", _folder["run/lora.safetensors"]), last);
        Assert.NotEqual(await Draw(), last);
    }

    [Fact]
    public async Task AFailingSampleDoesNotEndTheTraining()
    {
        CliRun run = await Train(
            "editing-decoder", "pairs", "steps=1", "--set", $"samples={{prompts: [x], image: '{_folder["no.png"]}'}}");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains("The sample images of step 1 could not be generated: ", run.Out);
        Assert.True(File.Exists(_folder["run/lora.safetensors"]));
    }

    // Prior preservation: an empty folder is filled by the model itself, once.
    [Fact]
    public async Task AnEmptyFolderIsFilledFromItsPrompts()
    {
        string[] data =
        [
            "--set", $"data=[{{path: '{_folder["pictures"]}', weight: 3}}, "
                + $"{{path: '{_folder["prior"]}', prompts: [a cat, 一只猫], images: 3}}]",
        ];
        CliRun run = await Train("generation-decoder", "pictures", "steps=1", data);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Equal(
            ["prior-00000.png", "prior-00000.txt", "prior-00001.png", "prior-00001.txt", "prior-00002.png", "prior-00002.txt"],
            Directory.GetFiles(_folder["prior"]).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal("一只猫\n", File.ReadAllText(_folder["prior/prior-00001.txt"]));
        CliRun again = await Train("generation-decoder", "pictures", "steps=2", [.. data, "--resume"]);
        Assert.Equal((ExitCode.Success, ""), (again.Code, again.Error));
        Assert.DoesNotContain("generating", again.Out);
    }

    private async Task<RgbImage> Draw(params string[] more)
    {
        CliRun run = await CliRun.Of(
            [
                "generate", "a room", "--model", _model.Path, "--seed", "5", "--force-drawing", "--output", _folder["out.png"],
                .. more,
            ]);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        return ImageFile.Read(_folder["out.png"]);
    }

    private Task<CliRun> Train(string stage, string data, string steps, params string[] more) => CliRun.Of(
        [
            "train", stage, "--model", _model.Path, "--output", _folder["run"], .. Quick, "--set", steps,
            "--set", $"data=[{{path: '{_folder[data]}'}}]",
            .. more,
        ]);
}
