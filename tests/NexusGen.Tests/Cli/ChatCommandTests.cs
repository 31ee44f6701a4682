using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;

namespace NexusGen.Tests.Cli;

public class ChatCommandTests
{
    private static readonly string[] Small =
    [
        "--model", CliRun.TinyModel, "--steps", "1", "--width", "64", "--height", "48", "--max-new-tokens", "4"
    ];

    [Fact]
    public async Task DrawsEditsSavesAndAnswersLineByLine()
    {
        using var folder = new TemporaryFolder();
        string input = $"/seed 5\n/draw a cat\n/edit\nmake it red\n/save {folder["copy.webp"]}\n"
            + $"/image {CliRun.Picture("small.png")}\nwhat is it?\n/quit\nnever read\n";

        CliRun run = await Run(folder, input, "--json");

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(
            $"Editing {folder["chat-1.png"]}.\nSaved {folder["copy.webp"]}".ReplaceLineEndings(), run.Error.Trim());
        JsonNode[] replies =
        [
            .. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
        ];
        Assert.Equal([1, 1], replies[..2].Select(reply => reply["pictures"]!.AsArray().Count));
        Assert.Equal(
            ["generation", "editing"],
            replies[..2].Select(reply => reply["pictures"]![0]!["decoder"]!.GetValue<string>()));
        Assert.Equal(5ul, replies[0]["pictures"]![0]!["seed"]!.GetValue<ulong>());
        Assert.Superset(new HashSet<string> { "chat-1.png", "chat-2.png", "copy.webp" }, folder.Files.ToHashSet());
        Assert.Equal("make it red", ImageFile.ReadParameters(folder["copy.webp"])["prompt"]);
    }

    [Fact]
    public async Task EarlierPicturesStay()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["chat-1.png"], "earlier");

        CliRun run = await Run(folder, "/draw a cat\n");

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(["chat-1.png", "chat-2.png"], folder.Files);
        Assert.Contains($"Saved {folder["chat-2.png"]}", run.Out);
    }

    [Theory]
    [InlineData("/sav a.png", "did you mean /save?")]
    [InlineData("/save a.png", "No image has been generated yet")]
    [InlineData("/save", "requires a file name")]
    [InlineData("/edit red", "There is no image to edit")]
    [InlineData("/image /no/such.png", "does not exist")]
    [InlineData("/seed x", "/seed must be an integer")]
    public async Task WhatGoesWrongIsToldAndTheChatGoesOn(string line, string sentence)
    {
        using var folder = new TemporaryFolder();

        CliRun run = await Run(folder, line + "\n/help\n");

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains(sentence, run.Error);
        Assert.Contains("/quit ", run.Error);
        Assert.Empty(folder.Files);
    }

    [Fact]
    public async Task WhatATurnEditsIsSaidBeforeAndCanBeUndone()
    {
        using var folder = new TemporaryFolder();

        CliRun run = await Run(folder, "/draw a cat\n/draw a dog\n/undo\n/edit red\n/undo\nhello\n/undo\n/undo\n/edit red\n");

        Assert.Equal(ExitCode.Failed, run.Code);
        string first = folder["chat-1.png"];
        string[] said =
        [
            "Forgot \"a dog\".",
            $"Editing {first}.",
            "Forgot \"red\".",
            $"An image of the reply is an edit of {first}; /draw TEXT generates a new one.",
            "Forgot \"hello\".",
            "Forgot \"a cat\".",
        ];
        Assert.Equal(said, run.Error.ReplaceLineEndings("\n").Split('\n')[..said.Length]);
        Assert.Contains("There is no image to edit", run.Error);
    }

    private static Task<CliRun> Run(TemporaryFolder folder, string input, params string[] more) =>
        CliRun.Of(input, CancellationToken.None, ["chat", "--output", folder.Path, .. Small, .. more]);
}
