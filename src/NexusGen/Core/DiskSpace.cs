namespace NexusGen.Core;

/// <summary>The free space of disks.</summary>
internal static class DiskSpace
{
    /// <summary>Returns the free bytes of the disk that has, or will have, a file or folder.</summary>
    /// <param name="path">The path.</param>
    public static long Free(string path)
    {
        string? folder = Path.GetFullPath(path);
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return new DriveInfo(folder ?? Path.GetPathRoot(Path.GetFullPath(path))!).AvailableFreeSpace;
    }
}
