namespace NexusGen.Text;

/// <summary>A part of a chat message: text, or the place of an image. A string converts to a text part.</summary>
public abstract record ContentPart
{
    private protected ContentPart()
    {
    }

    /// <summary>A text part.</summary>
    /// <param name="text">Its text.</param>
    public static implicit operator ContentPart(string text) => new TextPart(text);
}

/// <summary>Text in a message.</summary>
/// <param name="Text">The text as it goes into the prompt: special tokens in it count as such.</param>
public sealed record TextPart(string Text) : ContentPart;

/// <summary>The place of an image in a message. The pictures themselves travel beside the messages, in the same order.</summary>
public sealed record ImagePart : ContentPart;
