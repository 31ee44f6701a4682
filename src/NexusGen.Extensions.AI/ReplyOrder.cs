using Microsoft.Extensions.AI;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Puts the pieces of a reply in their order: all words are written before the first picture is painted, but words that stand
/// behind a picture are told behind it.
/// </summary>
internal sealed class ReplyOrder
{
    // What waits: texts, and null in the place of each picture.
    private readonly Queue<string?> _waiting = [];
    private int _place = -1;

    /// <summary>What can be told now.</summary>
    /// <param name="update">What has come.</param>
    public IEnumerable<AIContent> Next(ReplyUpdate update)
    {
        switch (update)
        {
            case ReplyUpdate.TextDelta text when _waiting.Count == 0:
                return [new TextContent(text.Text)];
            case ReplyUpdate.TextDelta text:
                _waiting.Enqueue(text.Text);
                return [];
            case ReplyUpdate.DrawingStarted:
                _waiting.Enqueue(null);
                return [];
            case ReplyUpdate.Denoising { Index: var next } when next != _place:
                return [.. Texts()];
            case ReplyUpdate.Preview { Index: var next } when next != _place:
                return [.. Texts()];
            case ReplyUpdate.PictureFinished { Picture: var picture }:
                AIContent[] before = picture.Index == _place ? [] : [.. Texts()];
                if (picture.Index != _place)
                {
                    _place = picture.Index;
                    _waiting.TryDequeue(out _);
                }

                return [.. before, PictureContents.Write(picture)];
            case ReplyUpdate.Finished:
                return [.. Rest()];
            default:
                return [];
        }
    }

    // Up to the next picture's place.
    private IEnumerable<AIContent> Texts()
    {
        while (_waiting.TryPeek(out string? text) && text is not null)
        {
            _waiting.Dequeue();
            yield return new TextContent(text);
        }
    }

    private IEnumerable<AIContent> Rest()
    {
        while (_waiting.TryDequeue(out string? text))
        {
            if (text is not null)
            {
                yield return new TextContent(text);
            }
        }
    }
}
