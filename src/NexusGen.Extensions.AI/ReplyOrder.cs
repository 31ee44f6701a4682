using Microsoft.Extensions.AI;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Restores the order of the parts of a reply. The model generates all text before the first image is denoised, but text after an
/// image must follow that image.
/// </summary>
internal sealed class ReplyOrder
{
    // The pending parts: texts, and null for each image.
    private readonly Queue<string?> _waiting = [];
    private int _place = -1;

    /// <summary>Returns the contents that can be emitted after an update.</summary>
    /// <param name="update">The update.</param>
    public IEnumerable<AIContent> Next(ReplyUpdate update)
    {
        switch (update)
        {
            case ReplyUpdate.TextDelta text when _waiting.Count == 0:
                return [new TextContent(text.Text)];
            case ReplyUpdate.TextDelta text:
                _waiting.Enqueue(text.Text);
                return [];
            case ReplyUpdate.ImageStarted:
                _waiting.Enqueue(null);
                return [];
            case ReplyUpdate.Denoising { Index: var next } when next != _place:
                return [.. Texts()];
            case ReplyUpdate.Preview { Index: var next } when next != _place:
                return [.. Texts()];
            case ReplyUpdate.ImageFinished { Image: var picture }:
                AIContent[] before = picture.Index == _place ? [] : [.. Texts()];
                if (picture.Index != _place)
                {
                    _place = picture.Index;
                    _waiting.TryDequeue(out _);
                }

                return [.. before, ImageContents.Write(picture)];
            case ReplyUpdate.Finished:
                return [.. Rest()];
            default:
                return [];
        }
    }

    // Returns the pending texts before the next image.
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
