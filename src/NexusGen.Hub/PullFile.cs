using NexusGen.Hub.Core;

namespace NexusGen.Hub;

/// <summary>A file of a plan.</summary>
public sealed record PullFile
{
    internal PullFile(PullRequest request, HubFile file, string target) => (Request, File, Target) = (request, file, target);

    /// <summary>Gets the request that the file belongs to.</summary>
    public PullRequest Request { get; }

    /// <summary>Gets the path in the repository.</summary>
    public string Path => File.Path;

    /// <summary>Gets the length in bytes, or null if the hub doesn't tell.</summary>
    public long? Size => File.Size;

    /// <summary>Gets the path that the file receives.</summary>
    public string Target { get; }

    /// <summary>Gets what is there already.</summary>
    public PullState State { get; init; }

    /// <summary>Gets the number of bytes that are there already.</summary>
    public long BytesThere { get; init; }

    internal HubFile File { get; }

    // Where a cache has it, or will have it; null if it is fetched into its place.
    internal string? Source { get; init; }

    // Where it grows.
    internal string Incomplete { get; init; } = "";
}
