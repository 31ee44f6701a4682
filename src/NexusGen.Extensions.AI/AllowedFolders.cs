namespace NexusGen.Extensions.AI;

/// <summary>Files that may be read because they lie in folders that somebody allowed.</summary>
internal static class AllowedFolders
{
    /// <summary>A file's real place, which decides, not what its name looks like; null where there is none in an allowed folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folders">The folders.</param>
    public static string? Find(string path, IEnumerable<string> folders)
    {
        string? full = Real(path);
        return full is not null && folders.Select(Real).Any(folder =>
            folder is not null && full.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)) ? full : null;
    }

    // Null of what isn't there, can't be looked at, or is no path at all.
    private static string? Real(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        string full = Path.GetFullPath(path);
        FileSystemInfo item = Directory.Exists(full) ? new DirectoryInfo(full) : new FileInfo(full);
        try
        {
            string? resolved = item.Exists ? item.ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
            string? parent = Path.GetDirectoryName(full);
            return !item.Exists ? null
                : resolved is not null && resolved != full ? Real(resolved)
                : parent is null ? full
                : Real(parent) is { } above ? Path.Combine(above, Path.GetFileName(full)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
