namespace NexusGen.Text;

/// <summary>A part of a chat message: text or an image placeholder. A string converts to a text part.</summary>
internal abstract record ContentPart
{
    private protected ContentPart()
    {
    }

    /// <summary>Converts a string to a text part.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator ContentPart(string text) => new TextPart(text);
}

/// <summary>Text in a message.</summary>
/// <param name="Text">The text as it is inserted into the prompt.</param>
internal sealed record TextPart(string Text) : ContentPart;

/// <summary>The position of an image in a message. The images are passed separately, in the same order.</summary>
internal sealed record ImagePart : ContentPart;
