using System.Runtime.CompilerServices;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen;

/// <summary>
/// A conversation. The model reads each turn together with all turns before it. Not thread-safe.
/// </summary>
/// <remarks>
/// In the prompt, an image that the model generated is represented by the learned inputs that it was generated with, not by its
/// pixels. Therefore the image that a turn edits or asks about is part of that turn: the image that the user attached
/// (<see cref="ChatInput.Images"/>); otherwise, depending on <see cref="ChatInput.Action"/>, the last image of the conversation,
/// attached or generated, which <see cref="FindSource"/> returns before the turn is sent. To undo a turn, call
/// <see cref="Undo"/>.
/// </remarks>
public sealed class Chat
{
    private readonly NexusGenModel _model;
    private readonly List<ChatTurn> _turns;
    private readonly string? _systemPrompt;
    private readonly IReadOnlyList<RgbImage> _systemImages;

    internal Chat(
        NexusGenModel model, string? systemPrompt, IReadOnlyList<RgbImage> systemImages, IEnumerable<ChatTurn> turns)
    {
        _model = model;
        _systemPrompt = systemPrompt;
        _systemImages = systemImages;
        _turns = [.. turns];
        if (_turns.FirstOrDefault(turn => Marks(turn.ReplyText) != turn.GeneratedImages.Count) is { } wrong)
        {
            throw new NexusGenException(
                $"A reply of the conversation has {Marks(wrong.ReplyText)} marks {SpecialTokens.ImageTag} "
                + $"but {wrong.GeneratedImages.Count} pictures; each drawn picture needs its mark.");
        }
    }

    /// <summary>Gets the turns so far.</summary>
    public IReadOnlyList<ChatTurn> Turns => _turns;

    /// <summary>Gets the last image of the conversation, attached or generated, or null for none.</summary>
    public RgbImage? LastImage => _turns.SelectMany(turn => turn.Images.Concat(turn.GeneratedImages)).LastOrDefault();

    /// <summary>Returns the image of the conversation that a turn would edit or ask about.</summary>
    /// <param name="input">The turn.</param>
    /// <returns>The last image of the conversation, or null if the turn takes none or brings its own.</returns>
    /// <exception cref="NexusGenException">The turn is an edit, and there is no image to edit.</exception>
    public RgbImage? FindSource(ChatInput input) => TurnImages.Of(input, LastImage).Source;

    /// <summary>Removes the last turn, so that the image before it is the last one again.</summary>
    /// <returns>The turn, or null if the conversation has none.</returns>
    public ChatTurn? Undo()
    {
        if (_turns.Count == 0)
        {
            return null;
        }

        ChatTurn last = _turns[^1];
        _turns.RemoveAt(_turns.Count - 1);
        return last;
    }

    /// <summary>
    /// Sends a turn of the user and streams the reply. A turn that is cancelled or fails is not added to the conversation. If the
    /// action requires an image and the model replies with text alone, it is asked again, and that reply begins with an image.
    /// </summary>
    /// <param name="input">The user's turn.</param>
    /// <param name="progress">Receives progress reports, or null for none.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>Text and images as they are generated; the last update is the complete reply.</returns>
    /// <exception cref="NexusGenException">The turn is wrong; the message says what to do.</exception>
    public async IAsyncEnumerable<ReplyUpdate> SendAsync(
        ChatInput input,
        IProgress<ProgressReport>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<RgbImage> images = TurnImages.Of(input, LastImage).Images;
        ReplySettings reply = input.Reply with { TextOnly = input.Reply.TextOnly || input.Action == ChatAction.Ask };
        bool needsImage = input.RequiresImage || input.Action is ChatAction.Draw or ChatAction.Edit;
        IAsyncEnumerable<ReplyUpdate> Ask(ReplySettings settings) =>
            _model.StreamAsync(() => Plan(input with { Reply = settings }, images), progress, cancellationToken);
        await foreach (
            ReplyUpdate update in (needsImage ? RequiredImage.StreamAsync(reply, Ask) : Ask(reply)).ConfigureAwait(false))
        {
            if (update is ReplyUpdate.Finished finished)
            {
                _turns.Add(ChatTurn.Of(input, images, finished.Reply));
            }

            yield return update;
        }
    }

    /// <summary>Checks that the model can read the conversation with a turn.</summary>
    /// <param name="input">The turn.</param>
    /// <exception cref="NexusGenException">
    /// The conversation is too long (<see cref="ContextLengthException"/>), or the turn is wrong.
    /// </exception>
    internal void CheckLength(ChatInput input) =>
        _model.CheckPromptLength(Length(input with { Images = TurnImages.Of(input, LastImage).Images }, 0));

    /// <summary>Removes the oldest turns until the conversation with a turn, and a reply, fit the model.</summary>
    /// <param name="input">The turn.</param>
    /// <returns>The turn with its image, which may be one of a removed turn.</returns>
    /// <exception cref="NexusGenException">
    /// The turn alone is too long (<see cref="ContextLengthException"/>), or it is wrong.
    /// </exception>
    internal ChatInput RemoveOldestTurns(ChatInput input)
    {
        input = input with { Images = TurnImages.Of(input, LastImage).Images };

        // A full context would leave no room for the reply.
        int most = _model.MaxPromptTokens - Math.Min(input.Reply.MaxNewTokens, _model.MaxPromptTokens / 4);
        int fewest = 0, removed = _turns.Count;
        while (fewest < removed)
        {
            int middle = (fewest + removed) / 2;
            (fewest, removed) = Length(input, middle) <= most ? (fewest, middle) : (middle + 1, removed);
        }

        _turns.RemoveRange(0, removed);
        CheckLength(input);
        return input;
    }

    /// <summary>Returns the number of tokens of the prompt without the oldest turns.</summary>
    /// <param name="input">The turn, with its images.</param>
    /// <param name="removed">The number of turns to leave out.</param>
    internal int Length(ChatInput input, int removed)
    {
        (PromptText prompt, List<RgbImage?> pictures) = Prompt(input, input.Images, removed);
        return _model.CountTokens(prompt, pictures, Bound(input));
    }

    private int Bound(ChatInput input) => input.MaxPixels ?? _model.Configuration.Defaults.MaxPixels;

    // The prompt, and its images; null for those that the model generated.
    private (PromptText Prompt, List<RgbImage?> Pictures) Prompt(ChatInput input, IReadOnlyList<RgbImage> images, int removed = 0)
    {
        List<ChatMessage> messages = [];
        List<RgbImage?> pictures = [];
        if (_systemPrompt is not null)
        {
            messages.Add(ChatMessage.System(Prompts.ParseImageTags(_systemPrompt)));
            pictures.AddRange(_systemImages);
        }

        foreach (ChatTurn turn in _turns.Skip(removed))
        {
            if (turn.Input is { } said)
            {
                AddUser(messages, pictures, said, turn.Images);
            }

            messages.Add(ChatMessage.Assistant(Prompts.ParseImageTags(WithoutStrayMarks(turn))));
            pictures.AddRange(turn.GeneratedImages.Select(_ => (RgbImage?)null));
        }

        AddUser(messages, pictures, input, images);
        return (GenerationPlan.Render(messages), pictures);
    }

    private GenerationPlan Plan(ChatInput input, IReadOnlyList<RgbImage> images)
    {
        (PromptText prompt, List<RgbImage?> pictures) = Prompt(input, images);
        int bound = Bound(input);
        NexusGenConfiguration configuration = _model.Configuration;
        ModelDefaults defaults = configuration.Defaults;
        bool editing = input.Decoder == DecoderChoice.Editing
            || (input.Decoder == DecoderChoice.Automatic && images.Count > 0);
        bool chooses = editing
            && input is { Decoder: DecoderChoice.Automatic, Action: ChatAction.Auto }
            && configuration.NewImageReplies.Count > 0;
        return new GenerationPlan
        {
            Prompt = prompt,
            Images =
            [
                .. pictures.Select(image => image is null
                    ? PromptImage.GeneratedEmbeddings
                    : new PromptImage(ImageFitting.BoundImage(image.OverWhite(), bound, _model.EmbeddingSide))),
            ],
            Reply = input.Reply,
            Image = ImagePlan.Of(
                input.Settings,
                configuration,
                editing ? defaults.Edit : defaults.Generate,
                editing,
                images.LastOrDefault()?.OverWhite()),
            NewImage = chooses
                ? ImagePlan.Of(input.Settings, configuration, defaults.Generate, editing: false, null)
                : null,
        };
    }

    // A model may generate an image token without generating an image; if it is parsed in the prompt of the next turn, it would
    // require an image. In a reply that came from elsewhere it is text.
    private string WithoutStrayMarks(ChatTurn turn) => turn.Reply is null && !_model.ParseSpecialTokens
        ? turn.ReplyText
        : turn.ReplyText
            .Replace(SpecialTokens.VisionStart, "", StringComparison.Ordinal)
            .Replace(SpecialTokens.ImagePad, "", StringComparison.Ordinal)
            .Replace(SpecialTokens.VisionEnd, "", StringComparison.Ordinal);

    private static void AddUser(
        List<ChatMessage> messages, List<RgbImage?> pictures, ChatInput input, IReadOnlyList<RgbImage> images)
    {
        int marks = Marks(input.Text);
        if (marks > 0 && marks != images.Count)
        {
            throw new NexusGenException(
                $"The turn has {marks} marks {SpecialTokens.ImageTag} but brings {images.Count} pictures; "
                + "make them agree, or leave the marks out.");
        }

        // As an edit is worded in the training data: the image, a space, the text.
        string lead = marks > 0 || images.Count == 0
            ? ""
            : string.Concat(Enumerable.Repeat(SpecialTokens.ImageTag, images.Count)) + " ";
        messages.Add(ChatMessage.User(Prompts.ParseImageTags(lead + input.Text)));
        pictures.AddRange(images);
    }

    private static int Marks(string text) => text.Split(SpecialTokens.ImageTag).Length - 1;
}
