using System.Runtime.CompilerServices;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen;

/// <summary>
/// A conversation. The model reads each turn together with all turns before it. In the prompt, an image that the model generated
/// is represented by the learned inputs that it was generated with, not by its pixels. To ask about such an image or to edit it,
/// add it to the user's next turn. Not thread-safe.
/// </summary>
public sealed class Chat
{
    private readonly NexusGenModel _model;
    private readonly List<ChatTurn> _turns;
    private readonly string? _systemPrompt;

    internal Chat(NexusGenModel model, string? systemPrompt, IEnumerable<ChatTurn> turns)
    {
        _model = model;
        _systemPrompt = systemPrompt;
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

    /// <summary>Gets the last image that the model generated, or null for none.</summary>
    public RgbImage? LastImage => _turns.SelectMany(turn => turn.GeneratedImages).LastOrDefault();

    /// <summary>
    /// Sends a turn of the user and streams the reply. A turn that is cancelled or fails is not added to the conversation.
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
        List<RgbImage> images = [.. input.Images];
        if (input.SelectLastImage)
        {
            images.Add(LastImage ?? throw new NexusGenException(
                "There is no picture to select: none was drawn in this conversation yet."));
        }

        await foreach (
            ReplyUpdate update in _model
                .StreamAsync(() => Plan(input, images), progress, cancellationToken)
                .ConfigureAwait(false))
        {
            if (update is ReplyUpdate.Finished finished)
            {
                _turns.Add(ChatTurn.Of(input, images, finished.Reply));
            }

            yield return update;
        }
    }

    private GenerationPlan Plan(ChatInput input, List<RgbImage> images)
    {
        List<ChatMessage> messages = _systemPrompt is null ? [] : [ChatMessage.System(_systemPrompt)];
        List<PromptImage> pictures = [];
        foreach (ChatTurn turn in _turns)
        {
            if (turn.Input is { } said)
            {
                AddUser(messages, pictures, said, turn.Images);
            }

            messages.Add(ChatMessage.Assistant(Prompts.ParseImageTags(WithoutStrayMarks(turn.ReplyText))));
            pictures.AddRange(turn.GeneratedImages.Select(_ => PromptImage.GeneratedEmbeddings));
        }

        AddUser(messages, pictures, input, images);
        bool editing = input.Decoder == DecoderChoice.Editing || (input.Decoder == DecoderChoice.Automatic && images.Count > 0);
        ImageDefaults defaults = editing ? _model.Configuration.Defaults.Edit : _model.Configuration.Defaults.Generate;
        return new GenerationPlan
        {
            Prompt = GenerationPlan.Render(messages),
            Images = pictures,
            Reply = input.Reply,
            Image = ImagePlan.Of(input.Settings, defaults, editing, images.LastOrDefault()?.OverWhite()),
        };
    }

    // A model may generate an image token without generating an image; in the prompt of the next turn it would require an image.
    private static string WithoutStrayMarks(string text) => text
        .Replace(SpecialTokens.VisionStart, "", StringComparison.Ordinal)
        .Replace(SpecialTokens.ImagePad, "", StringComparison.Ordinal)
        .Replace(SpecialTokens.VisionEnd, "", StringComparison.Ordinal);

    private void AddUser(List<ChatMessage> messages, List<PromptImage> pictures, ChatInput input, IReadOnlyList<RgbImage> images)
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
        int bound = input.MaxPixels ?? _model.Configuration.Defaults.MaxPixels;
        pictures.AddRange(images.Select(image => new PromptImage(ImageFitting.BoundImage(image.OverWhite(), bound))));
    }

    private static int Marks(string text) => text.Split(SpecialTokens.ImageTag).Length - 1;
}
