using NexusGen.Hub.Storage;

namespace NexusGen.Cli.Models;

/// <summary>A model, or a repository of files, on this machine.</summary>
/// <param name="Name">The name by which it is removed.</param>
/// <param name="Kind"><c>model</c>, <c>files</c> or <c>cache</c>.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Bytes">The number of bytes of its files, over links.</param>
/// <param name="Types">The types of its tensors, the largest share first.</param>
/// <param name="Revision">The revision, or null if nothing tells it.</param>
/// <param name="Problems">What is missing or damaged.</param>
/// <param name="Files">The paths of all files that are its own; removing deletes these, and no others.</param>
/// <param name="Cached">The entry of a cache, or null.</param>
internal sealed record InstalledModel(
    string Name,
    string Kind,
    string Folder,
    long Bytes,
    IReadOnlyList<string> Types,
    string? Revision,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Files,
    CachedModel? Cached)
{
    /// <summary>Gets whether nothing is missing or damaged, as far as headers and sizes tell.</summary>
    public bool IsWhole => Problems.Count == 0;
}
