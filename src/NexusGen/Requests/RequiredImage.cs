namespace NexusGen.Requests;

/// <summary>
/// Asks for a reply that must have an image. If the model replies with text alone, it is asked again, and that reply begins with
/// an image.
/// </summary>
internal static class RequiredImage
{
    /// <summary>Asks for the reply.</summary>
    /// <param name="settings">The settings of the reply.</param>
    /// <param name="ask">Asks the model.</param>
    public static async Task<Reply> GenerateAsync(ReplySettings settings, Func<ReplySettings, Task<Reply>> ask)
    {
        Reply reply = await ask(settings).ConfigureAwait(false);
        return reply.Images.Count > 0 ? reply : await ask(settings with { ForceImage = true }).ConfigureAwait(false);
    }

    /// <summary>Asks for the reply as a stream. Its text is held until an image begins, and dropped if none does.</summary>
    /// <param name="settings">The settings of the reply.</param>
    /// <param name="ask">Asks the model.</param>
    public static async IAsyncEnumerable<ReplyUpdate> StreamAsync(
        ReplySettings settings, Func<ReplySettings, IAsyncEnumerable<ReplyUpdate>> ask)
    {
        List<ReplyUpdate>? held = [];
        await foreach (ReplyUpdate update in ask(settings).ConfigureAwait(false))
        {
            held?.Add(update);
            if (held is not null && update is (ReplyUpdate.TextDelta or ReplyUpdate.Finished))
            {
                continue;
            }

            foreach (ReplyUpdate ready in held ?? [update])
            {
                yield return ready;
            }

            held = null;
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
