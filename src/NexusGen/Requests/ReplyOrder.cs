namespace NexusGen.Requests;

/// <summary>
/// Restores the order of the parts of a reply. The model generates all text before the first image is denoised, but text after an
/// image must follow that image.
/// </summary>
internal sealed class ReplyOrder
{
    // The pending parts: texts, and null for each image.
    private readonly Queue<ReplyUpdate.TextDelta?> _pending = [];
    private int _current = -1;

    /// <summary>Returns the updates of a reply in the order of its parts.</summary>
    /// <param name="updates">The updates as the model reports them.</param>
    public static async IAsyncEnumerable<ReplyUpdate> SortAsync(IAsyncEnumerable<ReplyUpdate> updates)
    {
        var order = new ReplyOrder();
        await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
        {
            foreach (ReplyUpdate next in order.Next(update))
            {
                yield return next;
            }
        }
    }

    /// <summary>
    /// Returns the updates that can be reported after an update. <see cref="ReplyUpdate.ImageStarted"/> never is.
    /// </summary>
    /// <param name="update">The update.</param>
    public IReadOnlyList<ReplyUpdate> Next(ReplyUpdate update)
    {
        switch (update)
        {
            case ReplyUpdate.TextDelta when _pending.Count == 0:
                return [update];
            case ReplyUpdate.TextDelta text:
                _pending.Enqueue(text);
                return [];
            case ReplyUpdate.ImageStarted:
                _pending.Enqueue(null);
                return [];
            case ReplyUpdate.Denoising { Index: var next } when next != _current:
                return [.. TextsBeforeImage(), update];
            case ReplyUpdate.Preview { Index: var next } when next != _current:
                return [.. TextsBeforeImage(), update];
            case ReplyUpdate.ImageFinished { Image.Index: var next } when next != _current:
                ReplyUpdate[] texts = [.. TextsBeforeImage()];
                _current = next;
                _pending.TryDequeue(out _);
                return [.. texts, update];
            case ReplyUpdate.Finished:
                ReplyUpdate[] rest = [.. _pending.OfType<ReplyUpdate>()];
                _pending.Clear();
                return [.. rest, update];
            default:
                return [update];
        }
    }

    private IEnumerable<ReplyUpdate> TextsBeforeImage()
    {
        while (_pending.TryPeek(out ReplyUpdate.TextDelta? text) && text is not null)
        {
            _pending.Dequeue();
            yield return text;
        }
    }
}
