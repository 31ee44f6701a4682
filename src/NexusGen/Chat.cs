using System.Runtime.CompilerServices;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Text;

namespace NexusGen;

/// <summary>
/// A conversation. Each turn is read with all turns before it. A picture that the model drew stands in its own turn as the
/// model wrote it, by the learned inputs; to have it looked at or edited, it is brought into the user's next turn. Not safe
/// for several threads.
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
        if (_turns.FirstOrDefault(turn => Marks(turn.ReplyText) != turn.Drawn.Count) is { } wrong)
        {
            throw new NexusGenException(
                $"A reply of the conversation has {Marks(wrong.ReplyText)} marks {SpecialTokens.ImageTag} but {wrong.Drawn.Count} pictures; each drawn picture needs its mark.");
        }
    }

    /// <summary>The turns so far.</summary>
    public IReadOnlyList<ChatTurn> Turns => _turns;

    /// <summary>The last picture that the model drew; null where it has drawn none.</summary>
    public RgbImage? LastPicture => _turns.SelectMany(turn => turn.Drawn).LastOrDefault();

    /// <summary>Says something and gives the reply, piece by piece. A turn that is cancelled or fails does not count.</summary>
    /// <param name="input">The user's turn.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <exception cref="NexusGenException">The turn is wrong; the message says what to do.</exception>
    public async IAsyncEnumerable<ReplyUpdate> SendAsync(
        ChatInput input, IProgress<ProgressReport>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        List<RgbImage> images = [.. input.Images];
        if (input.SelectLastPicture)
        {
            images.Add(LastPicture ?? throw new NexusGenException("There is no picture to select: none was drawn in this conversation yet."));
        }

        await foreach (ReplyUpdate update in _model.StreamAsync(() => Plan(input, images), progress, cancellationToken).ConfigureAwait(false))
        {
            if (update is ReplyUpdate.Finished finished)
            {
                _turns.Add(ChatTurn.Of(input, images, finished.Reply));
            }

            yield return update;
        }
    }

    private ReplyPlan Plan(ChatInput input, List<RgbImage> images)
    {
        List<ChatMessage> messages = _systemPrompt is null ? [] : [ChatMessage.System(_systemPrompt)];
        List<PromptPicture> pictures = [];
        foreach (ChatTurn turn in _turns)
        {
            if (turn.Input is { } said)
            {
                AddUser(messages, pictures, said, turn.Images);
            }

            messages.Add(ChatMessage.Assistant(Prompts.ParseImageTags(WithoutStrayMarks(turn.ReplyText))));
            pictures.AddRange(turn.Drawn.Select(_ => PromptPicture.Drawn));
        }

        AddUser(messages, pictures, input, images);
        bool editing = input.Decoder == DecoderChoice.Editing || (input.Decoder == DecoderChoice.Automatic && images.Count > 0);
        PictureDefaults defaults = editing ? _model.Configuration.Defaults.Edit : _model.Configuration.Defaults.Generate;
        return new ReplyPlan
        {
            Messages = messages,
            Pictures = pictures,
            Reply = input.Reply,
            Paint = PaintPlan.Of(input.Picture, defaults, editing, images.LastOrDefault()),
        };
    }

    // A model may write an image token where it draws nothing; in the next turn's prompt it would call for a picture.
    private static string WithoutStrayMarks(string text) => text
        .Replace(SpecialTokens.VisionStart, "", StringComparison.Ordinal)
        .Replace(SpecialTokens.ImagePad, "", StringComparison.Ordinal)
        .Replace(SpecialTokens.VisionEnd, "", StringComparison.Ordinal);

    private void AddUser(List<ChatMessage> messages, List<PromptPicture> pictures, ChatInput input, IReadOnlyList<RgbImage> images)
    {
        int marks = Marks(input.Text);
        if (marks > 0 && marks != images.Count)
        {
            throw new NexusGenException($"The turn has {marks} marks {SpecialTokens.ImageTag} but brings {images.Count} pictures; make them agree, or leave the marks out.");
        }

        // As the training data words an edit: the picture, a space, the words.
        string lead = marks > 0 || images.Count == 0 ? "" : string.Concat(Enumerable.Repeat(SpecialTokens.ImageTag, images.Count)) + " ";
        messages.Add(ChatMessage.User(Prompts.ParseImageTags(lead + input.Text)));
        int bound = input.MaxPixels ?? _model.Configuration.Defaults.MaxPixels;
        pictures.AddRange(images.Select(image => new PromptPicture(ImageFitting.BoundImage(image, bound))));
    }

    private static int Marks(string text) => text.Split(SpecialTokens.ImageTag).Length - 1;
}
