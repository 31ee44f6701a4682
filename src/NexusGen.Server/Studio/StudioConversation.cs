namespace NexusGen.Server.Studio;

/// <summary>A conversation of the studio.</summary>
internal sealed record StudioConversation
{
    /// <summary>Gets the id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the title: the beginning of its first text, or what the user called it.</summary>
    public string Title { get; init; } = "";

    /// <summary>Gets the time when it was created, in seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary>Gets the time of the last change, in seconds since 1970.</summary>
    public long Updated { get; init; }

    /// <summary>Gets the turns in order, or null in a list of conversations.</summary>
    public IReadOnlyList<StudioTurn>? Turns { get; init; }
}
