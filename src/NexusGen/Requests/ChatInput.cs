using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A turn of the user in a <see cref="Chat"/>.</summary>
/// <param name="Text">
/// The text. <c>&lt;image&gt;</c> marks the position of each image; without marks, the images come before the text.
/// </param>
public sealed record ChatInput(string Text)
{
    /// <summary>Gets the images of the turn.</summary>
    public IReadOnlyList<RgbImage> Images { get; init; } = [];

    /// <summary>Gets what the turn asks for.</summary>
    public ChatAction Action { get; init; }

    /// <summary>
    /// Gets whether the reply must have an image, whichever the model chooses if <see cref="Action"/> is
    /// <see cref="ChatAction.Auto"/>: a new one or an edit.
    /// </summary>
    internal bool RequiresImage { get; init; }

    /// <summary>
    /// Gets whether the last image of the conversation is attached to a turn without <see cref="Images"/>, if
    /// <see cref="Action"/> is <see cref="ChatAction.Auto"/> or <see cref="ChatAction.Ask"/>.
    /// </summary>
    public bool UseLastImage { get; init; } = true;

    /// <summary>
    /// Gets the decoder of the generated images. By default it is the editing decoder for edits, with the last image of the turn
    /// as the source, and the generation decoder for new images.
    /// </summary>
    public DecoderChoice Decoder { get; init; }

    /// <summary>
    /// Gets the largest number of pixels to which each image is reduced before it is encoded, or null for the model's default.
    /// </summary>
    public int? MaxPixels { get; init; }

    /// <summary>Gets how the reply is generated.</summary>
    public ReplySettings Reply { get; init; } = new();

    /// <summary>Gets how the images of the reply are decoded.</summary>
    public ImageSettings Settings { get; init; } = new();
}
