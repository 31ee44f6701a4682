namespace NexusGen.Extensions.AI;

/// <summary>The options of the clients.</summary>
public sealed record NexusGenClientOptions
{
    /// <summary>Gets the name of the model in responses and metadata, or null for the name of its folder.</summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// Gets the folders from which images can be read by <c>file:</c> URIs. If empty, none can. URIs of other machines are never
    /// fetched.
    /// </summary>
    public IReadOnlyList<string> AllowedFolders { get; init; } = [];

    /// <summary>
    /// Gets whether a turn without an image uses the last generated image of the previous turn as its input, so "make it blue"
    /// edits that image. A call can override it by <see cref="NexusGenProperties.SelectLastPicture"/>.
    /// </summary>
    public bool SelectLastPicture { get; init; } = true;
}
