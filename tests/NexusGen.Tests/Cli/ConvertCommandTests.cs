using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Tests.Lora;

namespace NexusGen.Tests.Cli;

/// <summary>The command convert, and the models that it makes.</summary>
public sealed class ConvertCommandTests : IDisposable
{
    private static readonly string Shipped =
        Path.Combine(ReferenceFolder.Path, "..", "..", "models", ModelFinder.TinyModel);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("f32", 0)]
    [InlineData("gguf-f32", 0)]
    [InlineData("bf16", 0)]
    [InlineData("q8_0", 6)]
    [InlineData("fp8", 40)]
    public async Task ConvertedModelDrawsEditsAndUnderstands(string type, double largest)
    {
        await SucceedAsync("convert", CliRun.TinyModel, "--output", _folder["new"], "--to", type);
        string[] common = ["--steps", "2", "--width", "64", "--height", "48", "--force-drawing", "--max-new-tokens", "4"];
        foreach ((string name, string model) in ((string, string)[])[("old", CliRun.TinyModel), ("made", _folder["new"])])
        {
            await SucceedAsync([
                "generate", "A cat", "--model", model, "--output", _folder[name + ".png"], "--precision", "float32", .. common,
            ]);
            await SucceedAsync([
                "edit", "Add a dog", "--image", CliRun.Picture("room.png"), "--model", model, "--precision", "float32",
                "--output", _folder[name + "-edit.png"], .. common,
            ]);
            CliRun run = await SucceedAsync(
                "understand", "What is it?", "--image", CliRun.Picture("room.png"), "--model", model, "--max-new-tokens", "4",
                "--precision", "float32");
            _folder.Write(name + ".txt", run.Out);
        }

        Assert.True(Difference("old.png", "made.png") <= largest, $"generate: {Difference("old.png", "made.png")}");
        Assert.True(
            Difference("old-edit.png", "made-edit.png") <= largest, $"edit: {Difference("old-edit.png", "made-edit.png")}");
        if (largest == 0)
        {
            Assert.Equal(File.ReadAllText(_folder["old.txt"]), File.ReadAllText(_folder["made.txt"]));
        }
    }

    [Fact]
    public async Task ShippedModelDrawsAlmostTheSame()
    {
        CliRun run = await SucceedAsync("convert", Shipped, "--output", _folder["new"], "--to", "q8_0", "--json");
        JsonNode json = JsonNode.Parse(run.Out)!;
        Assert.InRange(json["parts"]!.AsArray().Max(part => (double)part!["error"]!), 0.001, 0.01);
        long bytes = Directory.GetFiles(_folder["new"], "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".gguf", StringComparison.Ordinal) || Path.GetFileName(file) is "ae.safetensors"
                or "vision-head.safetensors" or "generation_decoder_adapter.safetensors" or "edit_decoder_merger.safetensors")
            .Sum(file => new FileInfo(file).Length);
        Assert.Equal(bytes, (long)json["bytes_after"]!);
        foreach ((string name, string model) in ((string, string)[])[("old", Shipped), ("made", _folder["new"])])
        {
            await SucceedAsync("generate", "a red star", "--model", model, "--output", _folder[name + ".png"]);
        }

        Assert.InRange(Difference("old.png", "made.png"), 0, 4);
    }

    [Fact]
    public async Task LoraIsFoldedIn()
    {
        RandomLora.WriteFlux(CliRun.TinyModel, _folder["style.safetensors"], 3);
        RandomLora.WriteLanguage(CliRun.TinyModel, _folder["adapter"], 4);
        string style = _folder["style.safetensors"] + "=0.5";
        foreach (string type in (string[])["f32", "gguf-f32"])
        {
            await SucceedAsync(
                "convert", CliRun.TinyModel, "--output", _folder[type], "--to", type, "--lora", style,
                "--lora", _folder["adapter"]);
        }

        string[] draw =
        [
            "generate", "A cat", "--steps", "2", "--width", "64", "--height", "48", "--force-drawing", "--max-new-tokens", "4",
            "--precision", "float32",
        ];
        await SucceedAsync([
            .. draw, "--model", CliRun.TinyModel, "--lora", style, "--lora", _folder["adapter"], "--lora-merge", "--output",
            _folder["merged.png"],
        ]);
        await SucceedAsync([.. draw, "--model", CliRun.TinyModel, "--output", _folder["plain.png"]]);
        Assert.True(Difference("plain.png", "merged.png") > 1);
        foreach (string type in (string[])["f32", "gguf-f32"])
        {
            await SucceedAsync([.. draw, "--model", _folder[type], "--output", _folder[type + ".png"]]);
            Assert.Equal(0, Difference(type + ".png", "merged.png"));
        }
    }

    [Fact]
    public async Task DryRunWritesNothing()
    {
        CliRun run = await SucceedAsync(
            "convert", CliRun.TinyModel, "--output", _folder["new"], "--to", "q4_0", "--dry-run", "--tensors");
        Assert.Matches(@"(?m)^blk\.0\.attn_q\.weight +\[64, 64\] +BF16 +Q4_0", run.Out);
        Assert.Matches(@"(?m)^blk\.0\.ffn_down\.weight .* 112 columns", run.Out);
        Assert.Matches(@"(?m)^generation-decoder +92 +66 +1\.02 MB", run.Out);
        Assert.Contains("would become", run.Out);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task OnePartOfAModelIsConverted()
    {
        await SucceedAsync(
            "convert", CliRun.TinyModel, "--output", _folder["new"], "--to", "q8_0", "--part", "generation-decoder",
            "--part", "t5");
        Assert.Equal(
            ["FLUX/FLUX.1-dev/text_encoder_2/model.gguf", "Nexus-GenV2/generation_decoder.gguf"],
            _folder.Files.Select(file => file["new/".Length..]).Where(file => file.EndsWith(".gguf", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--to", "q8_0")]
    [InlineData("--output", "x")]
    [InlineData("--output", "x", "--to", "q9_0")]
    [InlineData("--output", "x", "--to", "q8_0", "--part", "head")]
    public async Task WrongCommandLinesAreRefused(params string[] arguments)
    {
        CliRun run = await CliRun.Of(["convert", CliRun.TinyModel, .. arguments]);
        Assert.Equal(ExitCode.InvalidUsage, run.Code);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task WrongPlacesAreRefused()
    {
        foreach ((string source, string output, string said) in ((string, string, string)[])
            [
                (_folder["none"], _folder["new"], "does not exist"),
                (CliRun.TinyModel, _folder["new.gguf"], "name a folder"),
                (CliRun.TinyModel, CliRun.TinyModel, "what is to be converted"),
                (Path.Combine(CliRun.TinyModel, "Nexus-GenV2/generation_decoder.bin"), _folder["new.bin"], "ends in .gguf"),
                (CliRun.Picture("room.png"), _folder["new.gguf"], "room.png"),
            ])
        {
            CliRun run = await CliRun.Of("convert", source, "--output", output, "--to", "q8_0");
            Assert.Equal(ExitCode.Failed, run.Code);
            Assert.Contains(said, run.Error);
            Assert.Single(run.Error.Trim().Split('\n'));
        }

        Assert.Empty(_folder.Names);
    }

    private static async Task<CliRun> SucceedAsync(params string[] arguments)
    {
        CliRun run = await CliRun.Of(arguments);
        Assert.True(run.Code == ExitCode.Success, $"{string.Join(' ', arguments)}\n{run.Error}");
        return run;
    }

    private double Difference(string one, string other)
    {
        RgbImage first = ImageFile.Read(_folder[one]), second = ImageFile.Read(_folder[other]);
        return first.Pixels.ToArray().Zip(second.Pixels.ToArray(), (a, b) => Math.Abs(a - b)).Max();
    }
}
