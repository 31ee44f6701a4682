namespace NexusGen.Conversion;

/// <summary>A file that is read, as it was when the conversion was planned.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Changed">The time of its last change.</param>
internal sealed record SourceFile(string Path, long Length, DateTime Changed)
{
    /// <summary>Describes a file as it is now, over links.</summary>
    /// <param name="path">The path.</param>
    public static SourceFile Of(string path)
    {
        FileSystemInfo file = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(path);
        return new SourceFile(
            System.IO.Path.GetFullPath(path), file is FileInfo { Exists: true } found ? found.Length : -1, file.LastWriteTimeUtc);
    }
}
