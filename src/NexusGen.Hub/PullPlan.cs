namespace NexusGen.Hub;

/// <summary>What a pull will do: the files, what is there of them, and the space that they take.</summary>
/// <param name="Files">The files.</param>
/// <param name="BytesToFetch">The number of bytes to fetch, as far as the hub tells them.</param>
/// <param name="BytesFree">The free space of the disk that most of them go to.</param>
public sealed record PullPlan(IReadOnlyList<PullFile> Files, long BytesToFetch, long BytesFree)
{
    /// <summary>Gets the number of bytes of all files, as far as the hub tells them.</summary>
    public long Bytes => Files.Sum(file => file.Size ?? 0);
}
