using System.Runtime.CompilerServices;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Server.Gateway;

/// <summary>Draws or edits a picture whatever the model would rather say: where it answers with words alone, it is made to draw.</summary>
/// <param name="model">The model.</param>
/// <param name="prompt">What to draw or change.</param>
/// <param name="source">The picture to change; null for none.</param>
/// <param name="settings">How it is painted.</param>
/// <param name="tokens">The longest reply, in tokens.</param>
internal sealed class Drawing(NexusGenModel model, string prompt, RgbImage? source, PictureSettings settings, int tokens)
{
    /// <summary>Runs it to its end, without telling how far it is: whoever doesn't listen shouldn't pay for being told.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The reply that has the pictures.</returns>
    public async Task<PictureReply> DrawAsync(CancellationToken cancellationToken) =>
        await ReplyAsync(Writing(force: false), cancellationToken).ConfigureAwait(false) as PictureReply
        ?? (PictureReply)await ReplyAsync(Writing(force: true), cancellationToken).ConfigureAwait(false);

    /// <summary>Runs it.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Pieces of the reply that has the pictures.</returns>
    public async IAsyncEnumerable<ReplyUpdate> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool drew = false;
        await foreach (ReplyUpdate update in Stream(Writing(force: false), cancellationToken).ConfigureAwait(false))
        {
            drew |= update is ReplyUpdate.DrawingStarted or ReplyUpdate.PictureFinished;
            if (drew)
            {
                yield return update;
            }
        }

        if (!drew)
        {
            await foreach (ReplyUpdate update in Stream(Writing(force: true), cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }
        }
    }

    private ReplySettings Writing(bool force) => new() { MaxNewTokens = tokens, ForceDrawing = force };

    private Task<Reply> ReplyAsync(ReplySettings writing, CancellationToken cancellationToken) => source is null
        ? model.GenerateAsync(new GenerateRequest(prompt) { Reply = writing, Picture = settings }, null, cancellationToken)
        : model.EditAsync(new EditRequest(source, prompt) { Reply = writing, Picture = settings }, null, cancellationToken);

    private IAsyncEnumerable<ReplyUpdate> Stream(ReplySettings writing, CancellationToken cancellationToken) => source is null
        ? model.StreamAsync(new GenerateRequest(prompt) { Reply = writing, Picture = settings }, null, cancellationToken)
        : model.StreamAsync(new EditRequest(source, prompt) { Reply = writing, Picture = settings }, null, cancellationToken);
}
