using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Cli;

/// <summary><c>--lora</c> and <c>--lora-merge</c>.</summary>
public sealed class LoraOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A file of the whole text comes first; otherwise, the last = parts the strength.
    [Theory]
    [InlineData("style.safetensors", "", "1")]
    [InlineData("style.safetensors", "=0.5", "0.5")]
    [InlineData("my style v1.2=0.7.safetensors", "", "1")]
    [InlineData("a=b.safetensors", "=-0.25", "-0.25")]
    [InlineData("a=0.3", "", "1")]
    [InlineData("a=0.3", "=2e-1", "0.2")]
    public async Task ThePathAndTheStrengthAreTold(string file, string strength, string told)
    {
        string path = RandomLora.WriteFlux(CliRun.TinyModel, _folder[file], 1);
        CliRun run = await Generate("--lora", path + strength, "--json");
        Assert.True(run.Code == ExitCode.Success, run.Error);
        Assert.Equal(
            [$"{file}={told}"],
            JsonNode.Parse(run.Out)!["pictures"]![0]!["loras"]!.AsArray().Select(lora => lora!.GetValue<string>()));
        Assert.Equal($"{file}={told}", ImageFile.ReadParameters(_folder["cat.png"])["lora"]);
    }

    [Fact]
    public async Task MergedFilesGiveTheSameImage()
    {
        string style = RandomLora.WriteFlux(CliRun.TinyModel, _folder["style"], 1, size: 0.6),
            adapter = RandomLora.WriteLanguage(CliRun.TinyModel, _folder["adapter"], 2);
        RgbImage[] images =
        [
            await Image(), await Image("--lora", style + "=0.5", "--lora", adapter),
            await Image("--lora", style + "=0.5", "--lora", adapter, "--lora-merge"),
        ];
        Assert.InRange(ImageQuality.Psnr(images[0], images[1]), 0, 50);
        Assert.True(ImageQuality.Psnr(images[1], images[2]) > 55);

        async Task<RgbImage> Image(params string[] more)
        {
            CliRun run = await Generate(more);
            Assert.True(run.Code == ExitCode.Success, run.Error);
            return ImageFile.Read(_folder["cat.png"]);
        }
    }

    [Fact]
    public async Task EveryCommandThatComputesTakesThem()
    {
        string style = RandomLora.WriteFlux(CliRun.TinyModel, _folder["style"], 1, size: 0.6),
            adapter = RandomLora.WriteLanguage(CliRun.TinyModel, _folder["adapter"], 2);
        string[] sizes = ["--model", CliRun.TinyModel, "--steps", "1", "--width", "64", "--height", "48"];
        CliRun edit = await CliRun.Of(
        [
            "edit", "Add a hat.", "--image", CliRun.Picture("room.png"), "--force-drawing", "--max-new-tokens", "4",
            "--lora", style, "--lora", adapter, "--output", _folder["edit.png"], .. sizes
        ]);
        CliRun reconstruct = await CliRun.Of(
            ["reconstruct", CliRun.Picture("room.png"), "--lora", style, "--output", _folder["again.png"], .. sizes]);
        CliRun understand = await CliRun.Of(
            "understand", "What?", "--max-new-tokens", "4", "--lora", adapter, "--model", CliRun.TinyModel);
        CliRun chat = await CliRun.Of(
            "/draw a cat\n", CancellationToken.None,
            ["chat", "--max-new-tokens", "4", "--lora", style, "--lora", adapter, "--output", _folder["chat"], .. sizes]);
        Assert.All(
            (CliRun[])[edit, reconstruct, understand, chat], run => Assert.True(run.Code == ExitCode.Success, run.Error));
    }

    [Fact]
    public async Task EveryWrongInputIsOneSentence()
    {
        string style = RandomLora.WriteFlux(CliRun.TinyModel, _folder["style"], 1, size: 0.6),
            adapter = RandomLora.WriteLanguage(CliRun.TinyModel, _folder["adapter"], 2);
        foreach ((string word, string[] line) in ((string, string[])[])
        [
            ("does not exist", ["generate", "A cat", "--lora", _folder["none=0.5"]]),
            ("must be a number", ["generate", "A cat", "--lora", style + "=strong"]),
            ("must be a number", ["generate", "A cat", "--lora", style + "=inf"]),
            ("must name a file", ["generate", "A cat", "--lora", "=0.5"]),
            ("requires --lora", ["generate", "A cat", "--lora-merge"]),
            ("changes the decoders", ["understand", "What?", "--lora", style]),
            ("changes the language model", ["reconstruct", CliRun.Picture("room.png"), "--lora", adapter]),
            ("notes.txt", ["generate", "A cat", "--lora", _folder.Write("notes.txt", "no weights")]),
        ])
        {
            CliRun run = await CliRun.Of([.. line, "--model", CliRun.TinyModel]);
            Assert.NotEqual(ExitCode.Success, run.Code);
            Assert.Equal("", run.Out);
            Assert.Contains(word, run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }
    }

    private Task<CliRun> Generate(params string[] more) => CliRun.Of(
    [
        "generate", "A cat", "--force-drawing", "--max-new-tokens", "4", "--seed", "7", "--cfg-scale", "1", "--steps", "2",
        "--width", "64", "--height", "48", "--precision", "float32", "--model", CliRun.TinyModel, "--output", _folder["cat.png"],
        .. more
    ]);
}
