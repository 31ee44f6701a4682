using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Text;

namespace NexusGen.Requests;

/// <summary>
/// Builds a conversation from messages, as chat APIs have them. Consecutive messages of the same side become one turn: texts are
/// joined by line breaks, and an image continues the text, because a reply comes back as a message and its images as separate
/// items. Texts have a mark for each image, at its position.
/// </summary>
internal sealed class ConversationBuilder
{
    /// <summary>Marks the position of an image in a text.</summary>
    public const string ImageMark = SpecialTokens.ImageTag;

    private readonly List<string> _system = [];
    private readonly List<RgbImage> _systemImages = [];
    private readonly List<Side> _sides = [];

    /// <summary>Removes marks that a user typed, because they mark no image.</summary>
    public static string WithoutMarks(string text) => text.Replace(ImageMark, "", StringComparison.Ordinal);

    /// <summary>Adds a system message or instructions. Several are joined by line breaks.</summary>
    /// <param name="text">The text, with a mark for each image.</param>
    /// <param name="images">The images.</param>
    public void AddSystem(string text, params IEnumerable<RgbImage> images)
    {
        _system.Add(text);
        _systemImages.AddRange(images);
    }

    /// <summary>Adds a message of the user.</summary>
    /// <param name="text">The text, with a mark for each image.</param>
    /// <param name="images">The images.</param>
    public void AddUser(string text, IEnumerable<RgbImage> images) => Add(isUser: true, text, images);

    /// <summary>Adds a message of the assistant.</summary>
    /// <param name="text">The text, with a mark for each generated image.</param>
    /// <param name="images">The generated images.</param>
    public void AddAssistant(string text, IEnumerable<RgbImage> images) => Add(isUser: false, text, images);

    /// <summary>
    /// Builds the conversation. Earlier turns get the images that <see cref="ChatAction.Auto"/> attached to them, which callers
    /// that keep only messages don't know, so that the prompt is the same as that of a <see cref="Chat"/> which was kept.
    /// </summary>
    /// <exception cref="NexusGenException">The last message is not the user's.</exception>
    public Conversation Build()
    {
        if (_sides.Count == 0 || !_sides[^1].IsUser)
        {
            throw new NexusGenException("There is nothing to answer: the last message must be the user's.");
        }

        List<ChatTurn> turns = [];
        Side? asked = null;
        RgbImage? last = null;
        foreach (Side side in _sides.SkipLast(1))
        {
            if (side.IsUser)
            {
                asked = side;
                continue;
            }

            ChatInput? question = asked is null ? null : new ChatInput(asked.Text) { Images = asked.Images };
            IReadOnlyList<RgbImage> images = question is null ? [] : TurnImages.Of(question, last).Images;
            turns.Add(new ChatTurn(question, images, side.Text, side.Images));
            last = images.Concat(side.Images).LastOrDefault() ?? last;
            asked = null;
        }

        var input = new ChatInput(_sides[^1].Text) { Images = _sides[^1].Images };
        return new Conversation(_system.Count == 0 ? null : string.Join("\n", _system), _systemImages, turns, input);
    }

    private void Add(bool isUser, string text, IEnumerable<RgbImage> images)
    {
        if (_sides.Count == 0 || _sides[^1].IsUser != isUser)
        {
            _sides.Add(new Side(isUser));
        }

        Side side = _sides[^1];
        bool joins = side.Text.EndsWith(ImageMark, StringComparison.Ordinal)
            || text.StartsWith(ImageMark, StringComparison.Ordinal);
        side.Text += side.Text.Length > 0 && text.Length > 0 && !joins ? $"\n{text}" : text;
        side.Images.AddRange(images);
    }

    private sealed class Side(bool isUser)
    {
        public bool IsUser => isUser;

        public string Text { get; set; } = "";

        public List<RgbImage> Images { get; } = [];
    }
}
