namespace NexusGen.Requests;

/// <summary>
/// Asks for a reply that must have an image. If the model replies with text alone, it is asked again, and that reply begins with
/// an image.
/// </summary>
internal static class RequiredImage
{
    /// <summary>Asks for the reply as a stream. The text of a reply without an image is dropped.</summary>
    /// <param name="settings">The settings of the reply.</param>
    /// <param name="ask">Asks the model.</param>
    public static async IAsyncEnumerable<ReplyUpdate> StreamAsync(
        ReplySettings settings, Func<ReplySettings, IAsyncEnumerable<ReplyUpdate>> ask)
    {
        List<ReplyUpdate>? held = [];
        await foreach (ReplyUpdate update in ask(settings).ConfigureAwait(false))
        {
            if (held is null)
            {
                yield return update;
                continue;
            }

            held.Add(update);
            if (update is not (ReplyUpdate.TextDelta or ReplyUpdate.Finished))
            {
                foreach (ReplyUpdate earlier in held)
                {
                    yield return earlier;
                }

                held = null;
            }
        }

        if (held is not null)
        {
            await foreach (ReplyUpdate update in ask(settings with { ForceImage = true }).ConfigureAwait(false))
            {
                yield return update;
            }
        }
    }
}
