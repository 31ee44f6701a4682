using NexusGen.Hub.Core;

namespace NexusGen.Hub.Storage;

/// <summary>A repository, or one commit of it, in a cache.</summary>
/// <param name="Site">The hub.</param>
/// <param name="Name">The repository as org/name.</param>
/// <param name="Folder">The folder with its files.</param>
/// <param name="Commit">The commit, or null if the cache doesn't tell.</param>
/// <param name="Revisions">The branches and tags that name the commit.</param>
/// <param name="Files">The paths of its files.</param>
/// <param name="Bytes">The number of their bytes.</param>
/// <param name="IsWhole">Whether no download is unfinished, and no file is gone.</param>
internal sealed record CachedModel(
    HubSite Site,
    string Name,
    string Folder,
    string? Commit,
    IReadOnlyList<string> Revisions,
    IReadOnlyList<string> Files,
    long Bytes,
    bool IsWhole);
