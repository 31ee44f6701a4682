using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>
/// Builds a conversation from messages, as chat APIs have them. Consecutive messages of the same side become one turn. Texts have
/// a mark for each image, at its position.
/// </summary>
internal sealed class ConversationBuilder
{
    /// <summary>Marks the position of an image in a text.</summary>
    public const string ImageMark = "<image>";

    private readonly List<string> _system = [];
    private readonly List<Side> _sides = [];

    /// <summary>Removes marks that a user typed, because they mark no image.</summary>
    public static string WithoutMarks(string text) => text.Replace(ImageMark, "", StringComparison.Ordinal);

    /// <summary>Adds a system message or instructions. Several are joined by line breaks.</summary>
    public void AddSystem(string text) => _system.Add(text);

    /// <summary>Adds a message of the user.</summary>
    /// <param name="text">The text, with a mark for each image.</param>
    /// <param name="images">The images.</param>
    public void AddUser(string text, IEnumerable<RgbImage> images) => Add(isUser: true, text, images);

    /// <summary>Adds a message of the assistant.</summary>
    /// <param name="text">The text, with a mark for each generated image.</param>
    /// <param name="images">The generated images.</param>
    public void AddAssistant(string text, IEnumerable<RgbImage> images) => Add(isUser: false, text, images);

    /// <summary>
    /// Builds the conversation. If the turn to answer has no image, it selects the last image that the turn before it generated,
    /// so "make it blue" edits that image.
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
        foreach (Side side in _sides.SkipLast(1))
        {
            if (side.IsUser)
            {
                asked = side;
                continue;
            }

            ChatInput? question = asked is null ? null : new ChatInput(asked.Text) { Images = asked.Images };
            turns.Add(new ChatTurn(question, asked?.Images ?? [], side.Text, side.Images));
            asked = null;
        }

        Side last = _sides[^1];
        var input = new ChatInput(last.Text)
        {
            Images = last.Images,
            SelectLastImage = last.Images.Count == 0 && turns.Count > 0 && turns[^1].GeneratedImages.Count > 0,
        };
        return new Conversation(_system.Count == 0 ? null : string.Join("\n", _system), turns, input);
    }

    private void Add(bool isUser, string text, IEnumerable<RgbImage> images)
    {
        if (_sides.Count == 0 || _sides[^1].IsUser != isUser)
        {
            _sides.Add(new Side(isUser));
        }

        Side side = _sides[^1];
        side.Text += side.Text.Length > 0 && text.Length > 0 ? $"\n{text}" : text;
        side.Images.AddRange(images);
    }

    private sealed class Side(bool isUser)
    {
        public bool IsUser => isUser;

        public string Text { get; set; } = "";

        public List<RgbImage> Images { get; } = [];
    }
}
