using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Cli.Output;
using NexusGen.Cli.Progress;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Cli.Pictures;

/// <summary>Follows a reply as it comes: shows its text, saves its pictures as soon as each is finished.</summary>
/// <param name="output">What the command says.</param>
/// <param name="progress">The display of progress, which makes way for text.</param>
/// <param name="saver">Where pictures go.</param>
/// <param name="showText">Whether text is shown as it comes, rather than in the end.</param>
internal sealed class ReplyReader(CommandOutput output, ProgressDisplay progress, PictureSaver? saver, bool showText) : IProgress<ProgressReport>
{
    private bool _midLine;

    /// <summary>Passes progress on, but for the tokens of a text that can be seen growing.</summary>
    public void Report(ProgressReport value)
    {
        if (!(showText && value.Phase == ProgressPhase.Writing && !output.IsJson))
        {
            progress.Report(value);
        }
    }

    /// <summary>Follows the reply to its end.</summary>
    /// <param name="updates">The reply.</param>
    /// <returns>All of it.</returns>
    public async Task<Reply> ReadAsync(IAsyncEnumerable<ReplyUpdate> updates)
    {
        Reply? reply = null;
        await foreach (ReplyUpdate update in updates)
        {
            switch (update)
            {
                case ReplyUpdate.TextDelta delta when showText && delta.Text.Length > 0 && !output.IsJson:
                    progress.Pause();
                    output.Piece(delta.Text);
                    _midLine = !delta.Text.EndsWith('\n');
                    break;
                case ReplyUpdate.DrawingStarted:
                    EndLine();
                    break;
                case ReplyUpdate.PictureFinished finished when saver is not null:
                    string line = saver.Save(finished.Picture);
                    progress.Pause();
                    EndLine();
                    output.Line(line);
                    break;
                case ReplyUpdate.Finished finished:
                    reply = finished.Reply;
                    break;
            }
        }

        progress.Pause();
        EndLine();
        return reply ?? throw new NexusGenException("The reply ended before it was whole.");
    }

    /// <summary>The reply, for a program.</summary>
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
            output.Line("");
            _midLine = false;
        }
    }
}
