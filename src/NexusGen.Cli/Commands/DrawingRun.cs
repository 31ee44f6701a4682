using NexusGen.Cli.Core;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>What drawing and editing share: one reply whose pictures are saved, and what is said of it.</summary>
internal static class DrawingRun
{
    /// <summary>Follows the reply, saves its pictures and tells of it.</summary>
    /// <param name="output">What the command says.</param>
    /// <param name="name">The files of the pictures.</param>
    /// <param name="parameters">What is written into them.</param>
    /// <param name="start">Begins the reply.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        CommandOutput output, OutputName name, PictureParameters parameters, Func<IProgress<ProgressReport>, IAsyncEnumerable<ReplyUpdate>> start)
    {
        using var progress = output.Progress();
        var saver = new PictureSaver(name.At, parameters);
        var reader = new ReplyReader(output, progress, saver, showText: false);
        Reply reply = await reader.ReadAsync(start(reader));
        output.Line(reply.Text);
        output.Json(reader.Json(reply));
        if (saver.Saved.Count > 0)
        {
            return ExitCode.Done;
        }

        output.Problem("The model answered without a picture, so nothing was saved; --force-drawing makes it draw.");
        return ExitCode.Failed;
    }
}
