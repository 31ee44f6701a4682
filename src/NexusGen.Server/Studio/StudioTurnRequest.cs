using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>A new turn of a conversation.</summary>
internal sealed record StudioTurnRequest
{
    /// <summary>Gets the text.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// Gets the ids of images of the gallery that the turn is about. The last one is edited: no other image of the conversation
    /// is, because the page shows beforehand which one it will be.
    /// </summary>
    public IReadOnlyList<string?>? Pictures { get; init; }

    /// <summary>Gets what the turn asks for: <c>auto</c> (the default), <c>draw</c>, <c>edit</c> or <c>ask</c>.</summary>
    public string? Action { get; init; }

    /// <summary>Gets the number of images of a reply that has one: 1 (the default) to 4.</summary>
    public int? Count { get; init; }

    /// <summary>Gets how images are generated. Previews are sent even if none are requested.</summary>
    public PictureFields? Picture { get; init; }
}

/// <summary>A request to compute the reply of a turn again.</summary>
internal sealed record StudioAgain
{
    /// <summary>Gets whether only another image is added to the reply, with a random seed.</summary>
    public bool? Variation { get; init; }
}

/// <summary>A change of a conversation.</summary>
internal sealed record StudioConversationChange
{
    /// <summary>Gets the new title, or null to keep it.</summary>
    public string? Title { get; init; }

    /// <summary>Gets false to restore a deleted conversation, or null.</summary>
    public bool? Deleted { get; init; }
}

/// <summary>A search for conversations.</summary>
internal sealed record StudioConversationSearch
{
    /// <summary>Gets words that the title or a text of the user must contain, or null for all conversations.</summary>
    public string? Words { get; init; }
}

/// <summary>Conversations without their turns, the last changed first.</summary>
internal sealed record StudioConversationList(IReadOnlyList<StudioConversation> Conversations);
