using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Images;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Tests.Cli;

/// <summary>How a reply that arrives in pieces looks on the screen.</summary>
public class ReplyReaderTests
{
    [Fact]
    public async Task TextStreamsAndPicturesGetLinesOfTheirOwn()
    {
        using var folder = new TemporaryFolder();
        using var writer = new StringWriter();
        CommandOutput output = Output(writer);
        var saver = new ImageSaver(new OutputName(folder["a.png"]).At, new ImageMetadata("prompt", "cat", "tiny"));
        var reader = new ReplyReader(output, output.Progress(), saver, showText: true);

        Reply reply = await reader.ReadAsync(Updates());

        string[] lines = writer.ToString().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Here it is.", $"Saved {folder["a.png"]} (16×16, seed 5)", "Nice"], lines);
        Assert.Equal("all", reply.Text);
        Assert.Equal(["a.png"], folder.Files);
    }

    [Fact]
    public async Task AReplyThatBreaksOffIsAnError()
    {
        using var writer = new StringWriter();
        CommandOutput output = Output(writer);
        var reader = new ReplyReader(output, output.Progress(), null, showText: true);

        await Assert.ThrowsAsync<NexusGenException>(
            () => reader.ReadAsync(Updates().TakeWhile(update => update is not ReplyUpdate.Finished)));
    }

    private static CommandOutput Output(TextWriter writer)
    {
        var terminal = new Terminal(TextReader.Null, writer, TextWriter.Null);
        return new CommandOutput(terminal);
    }

    private static async IAsyncEnumerable<ReplyUpdate> Updates()
    {
        var picture = new OutputImage(
            RgbImage.FromBytes(new byte[16 * 16 * 3], 16, 16), 0, new ImageEmbeddings([1], 1, new GridThw(1, 2, 2)),
            DecoderChoice.Generation, new ImageSettings { Seed = 5 }, 1);
        yield return new ReplyUpdate.TextDelta("Here it");
        yield return new ReplyUpdate.TextDelta(" is.");
        yield return new ReplyUpdate.ImageStarted(0);
        await Task.Yield();
        yield return new ReplyUpdate.Denoising(0, 1, 1);
        yield return new ReplyUpdate.ImageFinished(picture);
        yield return new ReplyUpdate.TextDelta("Nice\n");
        yield return new ReplyUpdate.Finished(new Reply("all", "all", [1], default));
    }
}
