namespace NexusGen.Extensions.AI;

/// <summary>How the clients read what they are given.</summary>
public sealed record NexusGenClientOptions
{
    /// <summary>The model's name in responses and metadata; the name of its folder where null.</summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// Folders whose pictures may be named by <c>file:</c> addresses; none where empty. Addresses of other machines are never
    /// fetched.
    /// </summary>
    public IReadOnlyList<string> AllowedFolders { get; init; } = [];

    /// <summary>
    /// Whether a turn that brings no picture is shown the last one that was drawn, if that was in the turn before: so that "make it
    /// blue" changes it. A call may say otherwise by <see cref="NexusGenProperties.SelectLastPicture"/>.
    /// </summary>
    public bool SelectLastPicture { get; init; } = true;
}
