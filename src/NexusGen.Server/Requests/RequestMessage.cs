using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Server.Requests;

/// <summary>The author of a message.</summary>
internal enum MessageRole
{
    /// <summary>The application: instructions.</summary>
    System,

    /// <summary>The user.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>
/// A message of a request, whichever API it came through: its text with a mark for each image, and the images, which are decoded
/// later.
/// </summary>
/// <param name="role">The author.</param>
internal sealed class RequestMessage(MessageRole role)
{
    // What the model reads in place of an image that is left out.
    private const string LeftOut = "[image]";

    private readonly List<RequestImage> _images = [];

    /// <summary>Gets the author.</summary>
    public MessageRole Role => role;

    /// <summary>Gets the text, with a mark at the position of each image.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Gets the number of characters that the message brought.</summary>
    public long TextLength { get; private set; }

    /// <summary>Gets the images.</summary>
    public IReadOnlyList<RequestImage> Images => _images;

    /// <summary>Appends text.</summary>
    public void Add(string text)
    {
        TextLength += text.Length;
        Text += ConversationBuilder.WithoutMarks(text);
    }

    /// <summary>Appends an image.</summary>
    public void Add(RequestImage image)
    {
        _images.Add(image);
        Text += ConversationBuilder.ImageMark;
    }

    /// <summary>Appends a word in place of an image that is left out.</summary>
    public void AddLeftOutImage() => Text += LeftOut;

    /// <summary>Creates a message with a text.</summary>
    public static RequestMessage Of(MessageRole role, string text)
    {
        var message = new RequestMessage(role);
        message.Add(text);
        return message;
    }

    /// <summary>Returns the message with its first images left out: a word of the text stands for each.</summary>
    /// <param name="count">The number of images to leave out.</param>
    public RequestMessage WithoutImages(int count)
    {
        string[] texts = Text.Split(ConversationBuilder.ImageMark);
        var message = new RequestMessage(role) { TextLength = TextLength };
        message._images.AddRange(_images.Skip(count));
        message.Text = string.Join(LeftOut, texts.Take(count + 1))
            + string.Concat(texts.Skip(count + 1).Select(text => ConversationBuilder.ImageMark + text));
        return message;
    }

    /// <summary>Returns the message with the files of its images, to restore it later.</summary>
    public SavedMessage Save() => new(role, Text, TextLength, [.. _images.Select(image => image.File ?? Png(image.Pixels!))]);

    /// <summary>Restores a message.</summary>
    /// <param name="saved">What <see cref="Save"/> returned.</param>
    /// <param name="images">Receives its images, which are decoded later.</param>
    /// <param name="field">The field of the request, for messages.</param>
    public static RequestMessage Restore(SavedMessage saved, RequestImages images, string field)
    {
        var message = new RequestMessage(saved.Role) { Text = saved.Text, TextLength = saved.TextLength };
        message._images.AddRange(saved.Images.Select(file => images.Add(_ => Task.FromResult(file), field)));
        return message;
    }

    /// <summary>Converts messages to a conversation of the model. Their images must be decoded.</summary>
    /// <param name="messages">The messages. The last one is the user's.</param>
    /// <param name="input">The settings of the reply; text and images are those of the last message.</param>
    /// <param name="instructions">More instructions, or null for none.</param>
    public static Conversation ToConversation(
        IEnumerable<RequestMessage> messages, ChatInput input, string? instructions = null)
    {
        var builder = new ConversationBuilder();
        foreach (RequestMessage message in messages)
        {
            switch (message.Role)
            {
                case MessageRole.System:
                    builder.AddSystem(message.Text, message.Images.Select(image => image.Pixels!));
                    break;
                case MessageRole.User:
                    builder.AddUser(message.Text, message.Images.Select(image => image.Pixels!));
                    break;
                default:
                    builder.AddAssistant(message.Text, message.Images.Select(image => image.Pixels!));
                    break;
            }
        }

        if (!string.IsNullOrEmpty(instructions))
        {
            builder.AddSystem(ConversationBuilder.WithoutMarks(instructions));
        }

        Conversation conversation = builder.Build();
        return conversation with
        {
            Input = input with { Text = conversation.Input.Text, Images = conversation.Input.Images },
        };
    }

    private static byte[] Png(RgbImage image) => ImageFile.Encode(image, ImageFormat.Png);
}
