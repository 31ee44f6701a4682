using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Cli.Output;
using NexusGen.Cli.Progress;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Cli.Images;

/// <summary>Reads a reply while it is generated: prints its text and saves each image as soon as it is finished.</summary>
/// <param name="output">The command's output.</param>
/// <param name="progress">The progress display, which is paused while text is printed.</param>
/// <param name="saver">Saves the images, or null to ignore them.</param>
/// <param name="showText">Whether text is printed as it is generated.</param>
internal sealed class ReplyReader(
    CommandOutput output, ProgressDisplay progress, ImageSaver? saver, bool showText) : IProgress<ProgressReport>
{
    private bool _midLine;

    /// <summary>Forwards a progress report, except for the tokens of a text that is printed as it is generated.</summary>
    public void Report(ProgressReport value)
    {
        if (!(showText && value.Phase == ProgressPhase.Generating && !output.IsJson))
        {
            progress.Report(value);
        }
    }

    /// <summary>Reads the reply to its end.</summary>
    /// <param name="updates">The updates of the reply.</param>
    /// <returns>The complete reply.</returns>
    /// <exception cref="NexusGenException">The reply ended before it was complete.</exception>
    public async Task<Reply> ReadAsync(IAsyncEnumerable<ReplyUpdate> updates)
    {
        Reply? reply = null;
        await foreach (ReplyUpdate update in updates)
        {
            switch (update)
            {
                case ReplyUpdate.TextDelta delta when showText && delta.Text.Length > 0 && !output.IsJson:
                    progress.Pause();
                    output.WriteText(delta.Text);
                    _midLine = !delta.Text.EndsWith('\n');
                    break;
                case ReplyUpdate.ImageStarted:
                    EndLine();
                    break;
                case ReplyUpdate.ImageFinished finished when saver is not null:
                    string line = saver.Save(finished.Image);
                    progress.Pause();
                    EndLine();
                    output.WriteLine(line);
                    break;
                case ReplyUpdate.Finished finished:
                    reply = finished.Reply;
                    break;
            }
        }

        progress.Pause();
        EndLine();
        return reply ?? throw new NexusGenException("The reply ended before it was complete.");
    }

    /// <summary>Returns the reply for the JSON output.</summary>
    public JsonObject Json(Reply reply)
    {
        var result = new JsonObject
        {
            ["text"] = reply.Text,
            ["plain_text"] = reply.PlainText,
            ["tokens"] = reply.TokenIds.Count,
            ["finish"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(reply.Finish.ToString()),
        };
        if (saver is not null)
        {
            result["pictures"] = saver.Saved.DeepClone();
        }

        return result;
    }

    private void EndLine()
    {
        if (_midLine)
        {
            output.WriteLine("");
            _midLine = false;
        }
    }
}
