using NexusGen.Cli.Core;
using NexusGen.Cli.Images;
using NexusGen.Cli.Output;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>The shared part of the generate and edit commands: saves the images of one reply and prints the result.</summary>
internal static class DrawingRun
{
    /// <summary>Reads the reply, saves its images and prints the result.</summary>
    /// <param name="output">The command's output.</param>
    /// <param name="name">The names of the image files.</param>
    /// <param name="parameters">The metadata of the image files.</param>
    /// <param name="start">Starts the reply with the given receiver of progress reports.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        CommandOutput output, OutputName name, ImageMetadata parameters,
        Func<IProgress<ProgressReport>, IAsyncEnumerable<ReplyUpdate>> start)
    {
        using var progress = output.Progress();
        var saver = new ImageSaver(name.At, parameters);
        var reader = new ReplyReader(output, progress, saver, showText: false);
        Reply reply = await reader.ReadAsync(start(reader));
        output.WriteLine(reply.Text);
        output.WriteJson(reader.Json(reply));
        if (saver.Saved.Count > 0)
        {
            return ExitCode.Success;
        }

        output.WriteError("The model replied without an image, so nothing was saved; use --force-drawing to force one.");
        return ExitCode.Failed;
    }
}
