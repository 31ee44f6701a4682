using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Cli.Progress;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;
using Spectre.Console;

namespace NexusGen.Tests.Cli;

/// <summary>How a reply that comes in pieces looks on the screen.</summary>
public class ReplyReaderTests
{
    [Fact]
    public async Task TextStreamsAndPicturesGetLinesOfTheirOwn()
    {
        using var folder = new TemporaryFolder();
        using var writer = new StringWriter();
        CommandOutput output = Output(writer);
        var saver = new PictureSaver(new OutputName(folder["a.png"]).At, new PictureParameters("prompt", "cat", "tiny"));
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

        await Assert.ThrowsAsync<NexusGenException>(() => reader.ReadAsync(Updates().TakeWhile(update => update is not ReplyUpdate.Finished)));
    }

    [Fact]
    public void BarsComeAndGo()
    {
        using var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(writer),
        });
        var progress = new BarProgress(console);

        progress.Report(new ProgressReport(ProgressPhase.Loading, 0, null, "T5 [1]"));
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 3, 10));
        progress.Pause();
        string shown = writer.ToString();
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 4, 10));
        progress.Dispose();
        string all = writer.ToString();
        progress.Report(new ProgressReport(ProgressPhase.Denoising, 5, 10));

        Assert.Contains("denoising 3/10", shown);
        Assert.Contains("denoising 4/10", all[shown.Length..]);
        Assert.Equal(all, writer.ToString());
    }

    private static CommandOutput Output(TextWriter writer)
    {
        var terminal = new Terminal(TextReader.Null, writer, TextWriter.Null);
        return new CommandOutput(terminal);
    }

    private static async IAsyncEnumerable<ReplyUpdate> Updates()
    {
        var picture = new DrawnPicture(
            RgbImage.FromBytes(new byte[16 * 16 * 3], 16, 16), 0, new ImageEmbeddings([1], 1, new GridThw(1, 2, 2)), DecoderChoice.Generation, new PictureSettings { Seed = 5 }, 1);
        yield return new ReplyUpdate.TextDelta("Here it");
        yield return new ReplyUpdate.TextDelta(" is.");
        yield return new ReplyUpdate.DrawingStarted(0);
        await Task.Yield();
        yield return new ReplyUpdate.Denoising(0, 1, 1);
        yield return new ReplyUpdate.PictureFinished(picture);
        yield return new ReplyUpdate.TextDelta("Nice\n");
        yield return new ReplyUpdate.Finished(new TextReply("all", "all", [1], default));
    }
}
