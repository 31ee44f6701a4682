namespace NexusGen.Core;

/// <summary>Restricts file access to allowed folders.</summary>
internal static class AllowedFolders
{
    /// <summary>
    /// Returns the real path of a file, with symbolic links resolved, or null if there is no such file in an allowed folder.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="folders">The allowed folders.</param>
    public static string? Find(string path, IEnumerable<string> folders)
    {
        string? full = Real(path);
        return full is not null && folders.Select(Real).Any(folder =>
            folder is not null && full.StartsWith(
                Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar,
                StringComparison.Ordinal)) ? full : null;
    }

    /// <summary>
    /// Returns the real path of a file or folder, with symbolic links resolved, or null if the path is invalid, doesn't exist or
    /// can't be accessed.
    /// </summary>
    /// <param name="path">The path.</param>
    public static string? Real(string path)
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
