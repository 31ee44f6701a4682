namespace NexusGen.Hub.Storage;

/// <summary>Gives a file a second name: a symbolic link, or a copy where the system allows no link.</summary>
internal static class FileLink
{
    /// <summary>Creates a link to a file, in the place of an older link.</summary>
    /// <param name="path">The path of the link. Its folder is created.</param>
    /// <param name="target">The file.</param>
    /// <param name="relative">Whether the link names the file relative to itself, so that both can be moved together.</param>
    public static void Create(string path, string target, bool relative)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.link");
        try
        {
            try
            {
                File.CreateSymbolicLink(temporary, relative ? Path.GetRelativePath(folder, target) : Path.GetFullPath(target));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                File.Copy(target, temporary);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Returns whether a path is a symbolic link, also one whose file is gone.</summary>
    public static bool Is(string path) => new FileInfo(path).LinkTarget is not null;

    /// <summary>Returns whether a path is a link that leads to a file, over other links too.</summary>
    public static bool LeadsTo(string path, string target) =>
        Is(path) && File.Exists(path) && Final(path) == Final(target);

    private static string Final(string path) =>
        new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
}
