namespace NexusGen.Requests;

/// <summary>
/// Specifies what a turn of a conversation asks for. An image that is attached to the turn is always the one that is edited or
/// asked about; otherwise the action decides whether the last image of the conversation is (see <see cref="Chat"/>).
/// </summary>
public enum ChatAction
{
    /// <summary>
    /// The last image of the conversation is attached. A model that was trained to choose decides itself whether to edit it, to
    /// answer, or to generate a new image; the images of any other model are edits of it.
    /// </summary>
    Auto,

    /// <summary>An image is generated; the last image of the conversation is not attached.</summary>
    Draw,

    /// <summary>The last image of the conversation is edited, if none is attached.</summary>
    Edit,

    /// <summary>A question: the last image of the conversation is attached, and the reply is text.</summary>
    Ask,
}
