using System.Runtime.CompilerServices;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Server.Gateway;

/// <summary>
/// A request that must generate or edit an image. If the model answers with text alone, it is asked again, and that reply begins
/// with an image.
/// </summary>
/// <param name="Prompt">The description or instruction.</param>
/// <param name="Source">The image to edit, or null to generate one.</param>
/// <param name="Settings">The settings of the images.</param>
/// <param name="MaxTokens">The maximum number of tokens of the reply.</param>
internal sealed record ImageGeneration(string Prompt, RgbImage? Source, ImageSettings Settings, int MaxTokens)
{
    /// <summary>Runs the request without progress reports, which cost time.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The reply that has the images.</returns>
    public async Task<Reply> GenerateAsync(NexusGenModel model, CancellationToken cancellationToken)
    {
        Reply reply = await ReplyAsync(model, force: false, cancellationToken).ConfigureAwait(false);
        return reply.Images.Count > 0 ? reply : await ReplyAsync(model, force: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the request as a stream.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The updates of the reply that has the images.</returns>
    public async IAsyncEnumerable<ReplyUpdate> StreamAsync(
        NexusGenModel model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool hasImage = false;
        await foreach (ReplyUpdate update in UpdatesAsync(model, force: false, cancellationToken).ConfigureAwait(false))
        {
            hasImage |= update is ReplyUpdate.ImageStarted or ReplyUpdate.ImageFinished;
            if (hasImage)
            {
                yield return update;
            }
        }

        if (!hasImage)
        {
            await foreach (ReplyUpdate update in UpdatesAsync(model, force: true, cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }
        }
    }

    private ReplySettings Reply(bool force) => new() { MaxNewTokens = MaxTokens, ForceImage = force };

    private GenerateRequest Generate(bool force) => new(Prompt) { Reply = Reply(force), Settings = Settings };

    private EditRequest Edit(RgbImage source, bool force) => new(source, Prompt) { Reply = Reply(force), Settings = Settings };

    private Task<Reply> ReplyAsync(NexusGenModel model, bool force, CancellationToken cancellationToken) => Source is null
        ? model.GenerateAsync(Generate(force), null, cancellationToken)
        : model.EditAsync(Edit(Source, force), null, cancellationToken);

    private IAsyncEnumerable<ReplyUpdate> UpdatesAsync(NexusGenModel model, bool force, CancellationToken cancellationToken) =>
        Source is null
            ? model.StreamAsync(Generate(force), null, cancellationToken)
            : model.StreamAsync(Edit(Source, force), null, cancellationToken);
}
