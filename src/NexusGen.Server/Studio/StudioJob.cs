using System.Diagnostics;
using System.Net.ServerSentEvents;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Background;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Loras;
using NexusGen.Server.OpenAI;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>
/// Computes the reply of a turn in the background: it comes even if the page is closed, and every tab can follow it. Generated
/// images are added to the gallery.
/// </summary>
/// <param name="saved">Which turn.</param>
/// <param name="turn">The turn.</param>
/// <param name="settings">The settings of its images.</param>
/// <param name="context">What it needs of the server.</param>
internal sealed class StudioJob(SavedStudioTurn saved, StudioTurn turn, ImageSettings settings, StudioJobContext context)
    : BackgroundJob
{
    /// <summary>The kind of these jobs.</summary>
    public const string Name = "studio";

    private long _start;

    // Whether the conversation could not be changed the last time.
    private bool _isUnsaved;

    // Read by other threads while the reply is computed.
    private volatile StudioTurn _turn = turn;

    /// <inheritdoc/>
    public override string Id => saved.Job;

    /// <inheritdoc/>
    public override string Kind => Name;

    /// <inheritdoc/>
    /// <remarks>A reply needs those before it.</remarks>
    public override string? Group => saved.Conversation;

    /// <inheritdoc/>
    public override string Operation => "studio";

    /// <inheritdoc/>
    /// <remarks>
    /// The reply is in the conversation and its images in the gallery, from where they can be deleted; unless they had no room
    /// there.
    /// </remarks>
    public override bool IsKept => _isUnsaved;

    /// <inheritdoc/>
    public override string Status => _turn.Status;

    /// <summary>Creates the event of an error that is not the reply's.</summary>
    public static SseItem<byte[]> Failure(ApiException error) =>
        EventStream.Event(new ErrorBody(error.Details), ErrorJson.Default.ErrorBody, "error");

    /// <inheritdoc/>
    public override byte[] Save() => JsonText.Serialize(saved, StudioJson.Default.SavedStudioTurn).ToArray();

    /// <inheritdoc/>
    public override byte[] Response() => JsonText.Serialize(_turn, StudioJson.Default.StudioTurn).ToArray();

    /// <inheritdoc/>
    public override IEnumerable<SseItem<byte[]>> Queue() => [Event(new StudioEvent("queued"))];

    /// <inheritdoc/>
    public override async IAsyncEnumerable<SseItem<byte[]>> RunAsync(ModelGateway.Work work)
    {
        _start = Stopwatch.GetTimestamp();
        IReadOnlyList<StudioTurn> before = context.Conversations.FindTurn(saved.Owner, saved.Turn)?.Before ?? throw Gone();
        UseLast(before);
        Change(now => now with { Status = BackgroundStatus.InProgress });
        yield return Event(new StudioEvent("begun") { Pictures = _turn.Pictures });
        await foreach (ReplyUpdate update in (await UpdatesAsync(work, before).ConfigureAwait(false)).ConfigureAwait(false))
        {
            StudioEvent? piece = update switch
            {
                ReplyUpdate.TextDelta text when !saved.IsVariation => Said(text.Text),
                ReplyUpdate.Denoising step => new StudioEvent("step") { Step = step.Step, Steps = step.Steps },
                ReplyUpdate.Preview preview =>
                    new StudioEvent("step") { Step = preview.Step, Preview = ImageFileFormat.Png.DataUrl(preview.Image) },
                ReplyUpdate.ImageFinished { Image: var image } => Finished(image),
                ReplyUpdate.Finished => Done(),
                _ => null,
            };
            if (piece is not null)
            {
                yield return Event(piece);
            }
        }
    }

    /// <inheritdoc/>
    public override SseItem<byte[]> Fail(ApiException error)
    {
        string code = error.Details.Code ?? "refused";
        Change(now => now with { Status = BackgroundStatus.Failed, Problem = error.Message, Code = code });
        return Event(new StudioEvent("failed") { Problem = error.Message, Code = code });
    }

    /// <inheritdoc/>
    public override SseItem<byte[]> Cancel()
    {
        Change(now => now with { Status = BackgroundStatus.Cancelled });
        return Event(new StudioEvent("cancelled"));
    }

    /// <summary>Creates the error of a turn that doesn't exist.</summary>
    public static ApiException Gone() => ApiException.NotFound("There is no such turn, or it was deleted.");

    private static SseItem<byte[]> Event(StudioEvent piece) =>
        EventStream.Event(piece, StudioJson.Default.StudioEvent, piece.Type);

    private async Task<IAsyncEnumerable<ReplyUpdate>> UpdatesAsync(ModelGateway.Work work, IReadOnlyList<StudioTurn> before)
    {
        // As the folder is now: a LoRA that has gone since the turn was sent is told.
        LoraSelection loras = context.Limits.With(_turn.Loras);
        ChatAction action = ImageSettingsReader.Action(_turn.Action, "action");
        bool needsImage = action is ChatAction.Draw or ChatAction.Edit;
        var images = new RequestImages(context.Reader, context.Limits, "pictures");
        List<RequestMessage> messages = [];

        // An image that is required depends on its own turn alone.
        StudioTurn[] read = needsImage ? [] : [.. before.Where(earlier => earlier.IsAnswered)];
        int leftOut = read.Sum(earlier => earlier.Pictures.Count + earlier.Drawn.Count) + _turn.Pictures.Count
            - context.Limits.MaxImages;
        foreach (StudioTurn earlier in read)
        {
            messages.Add(Message(MessageRole.User, earlier.Text, earlier.Pictures));
            messages.Add(Message(MessageRole.Assistant, earlier.Reply, earlier.Drawn));
        }

        messages.Add(Message(MessageRole.User, _turn.Text, _turn.Pictures));
        IReadOnlyList<RequestMessage> fitted =
            RequestHistory.Fit(messages, images, context.Limits, "text", truncate: true);
        await images.DecodeAsync(work.Cancellation).ConfigureAwait(false);
        if (needsImage)
        {
            RgbImage? source = fitted[^1].Images.LastOrDefault()?.Pixels;
            return work.StreamAsync(
                new ImageGeneration(_turn.Text, source, settings, context.Limits.MaxTokens) { Loras = loras });
        }

        var input = new ChatInput(_turn.Text)
        {
            Action = action,
            UseLastImage = false,
            Reply = new ReplySettings { MaxNewTokens = context.Limits.MaxTokens, Seed = saved.Seed },
            Settings = settings,
        };
        Conversation conversation = RequestMessage.ToConversation(fitted, loras.Apply(input));
        return await work.AnswerAsync(conversation, "text", truncate: true).ConfigureAwait(false);

        // The images of a user are before the text, those of the assistant after it.
        RequestMessage Message(MessageRole role, string text, IReadOnlyList<string> pictures)
        {
            var message = new RequestMessage(role);
            message.Add(role == MessageRole.Assistant ? text : "");
            foreach (string id in pictures)
            {
                // Images that were deleted are omitted, but those of the turn to answer must exist.
                if (leftOut-- > 0)
                {
                    message.AddLeftOutImage();
                }
                else if (pictures == _turn.Pictures || context.Keeper.Has(saved.Owner, id))
                {
                    message.Add(images.Add(_ => Task.FromResult(context.Keeper.File(saved.Owner, id)), id));
                }
            }

            message.Add(role == MessageRole.User ? text : "");
            return message;
        }
    }

    // Of a turn that was sent before its image was there.
    private void UseLast(IReadOnlyList<StudioTurn> before)
    {
        if (!_turn.UsesLast)
        {
            return;
        }

        string? last = before
            .SelectMany(turn => turn.Pictures.Concat(turn.Drawn).Concat(turn.Variations))
            .LastOrDefault(id => context.Keeper.Has(saved.Owner, id));
        if (last is null && _turn.Action == "edit")
        {
            throw ApiException.BadRequest("There is no picture to edit yet.", "pictures", "nothing_to_edit");
        }

        StudioTurn Use(StudioTurn turn) => turn with { Pictures = last is null ? [] : [last], UsesLast = false };
        _turn = Use(_turn);
        Save(Use);
    }

    private StudioEvent Said(string text)
    {
        _turn = _turn with { Reply = _turn.Reply + text };
        return new StudioEvent("text") { Text = text };
    }

    private StudioEvent Finished(OutputImage image)
    {
        (GalleryPicture picture, EncodedImage? unkept) = context.Keeper.Keep(
            saved.Owner, image, _turn, _start);
        string? generatedSize = ImageEventWriter.GeneratedSize(image);
        if (unkept is null)
        {
            // At once, so that an image that is in the gallery is in its conversation too.
            Change(now => saved.IsVariation
                ? now with { Variations = [.. now.Variations, picture.Id], GeneratedSize = generatedSize }
                : now with { Drawn = [.. now.Drawn, picture.Id], GeneratedSize = generatedSize });
        }

        return new StudioEvent("picture")
        {
            Picture = picture,
            Data = unkept is null ? null : $"data:{unkept.MediaType};base64,{Convert.ToBase64String(unkept.Data)}",
            GeneratedSize = generatedSize,
        };
    }

    private StudioEvent Done()
    {
        Change(now => now with { Status = BackgroundStatus.Completed });
        return new StudioEvent("done") { Seconds = Math.Round(Stopwatch.GetElapsedTime(_start).TotalSeconds, 2) };
    }

    private void Change(Func<StudioTurn, StudioTurn> change)
    {
        StudioTurn changed = _turn = change(_turn);

        // An image that was deleted stays so.
        Save(kept => changed with
        {
            Pictures = kept.Pictures,
            LacksPicture = kept.LacksPicture,
            Drawn = [.. changed.Drawn.Where(id => context.Keeper.Has(saved.Owner, id))],
            Variations = [.. changed.Variations.Where(id => context.Keeper.Has(saved.Owner, id))],
        });
    }

    private void Save(Func<StudioTurn, StudioTurn> change)
    {
        try
        {
            // A turn that is computed again meanwhile is another job's.
            context.Conversations.Update(
                saved.Owner, saved.Turn, kept => kept.Job != saved.Job ? kept : change(kept));
            _isUnsaved = false;
        }
        catch (GalleryException e)
        {
            // The reply still reaches its user.
            _isUnsaved = true;
            _ = context.Keeper.Unwritable(e);
        }
    }
}
