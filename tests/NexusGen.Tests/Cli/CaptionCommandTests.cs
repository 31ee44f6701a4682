using System.Text.Json.Nodes;
using NexusGen.Cli.Core;

namespace NexusGen.Tests.Cli;

/// <summary>Captions of the images of a folder.</summary>
public sealed class CaptionCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ImagesWithoutATextGetOneAndTheOthersKeepTheirs()
    {
        Image("a.png");
        Image("b.PNG");
        Image("more/c.png");
        Image("c.png");
        File.Copy(_folder["c.png"], _folder["c.jpg"]);
        _folder.Write("a.txt", "mine");
        CliRun run = await Run("--json", "--trigger", "sks,");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        JsonNode json = JsonNode.Parse(run.Out)!;
        Assert.Equal((4, 1), ((int)json["written"]!, (int)json["present"]!));
        Assert.Equal("mine", File.ReadAllText(_folder["a.txt"]));
        Assert.Equal(
            ["a.png", "a.txt", "b.PNG", "b.txt", "c.jpg", "c.jpg.txt", "c.png", "c.png.txt", "more/c.png", "more/c.txt"],
            _folder.Files);
        Assert.All(
            (string[])["b.txt", "c.jpg.txt", "more/c.txt"],
            name => Assert.Matches("^sks, .+\n$", File.ReadAllText(_folder[name])));

        // Again: nothing is left to do, and the model isn't even opened.
        File.WriteAllText(_folder["b.txt"], "changed");
        CliRun again = await CliRun.Of("caption", _folder.Path, "--model", _folder["no-model"]);
        Assert.Equal((ExitCode.Success, "0 captions were written; 5 images had one."), (again.Code, again.Out.Trim()));
        Assert.Equal("changed", File.ReadAllText(_folder["b.txt"]));
    }

    [Fact]
    public async Task ADamagedImageIsToldAndTheRestGoesOn()
    {
        Image("b.png");
        _folder.Write("a.png", "no image");
        CliRun run = await Run();
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("a.png", run.Error);
        Assert.Contains("[2/2] b.png: ", run.Out);
        Assert.Contains("1 captions were written; 0 images had one; 1 can't be read.", run.Out);
        Assert.False(File.Exists(_folder["a.txt"]));
    }

    [Fact]
    public async Task WhatHasNoCaptionsIsRefused()
    {
        Assert.Contains("contains no images", (await Run()).Error);
        Assert.Contains("Can't read the folder", (await CliRun.Of("caption", _folder["nowhere"])).Error);
        Image("before/a.png");
        Image("after/a.png");
        Assert.Contains("instructions; write them yourself", (await Run()).Error);
    }

    private Task<CliRun> Run(params string[] more) => CliRun.Of(
        ["caption", _folder.Path, "--model", CliRun.TinyModel, "--max-new-tokens", "4", "--quiet", .. more]);

    private void Image(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.Copy(CliRun.Picture("small.png"), _folder[name]);
    }
}
