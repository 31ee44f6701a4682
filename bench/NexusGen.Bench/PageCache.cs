using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NexusGen.Bench;

/// <summary>Removes a file from the system's page cache, so that it is read from the disk.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    /// <summary>Drops the pages of a file. Flushes them to the disk first, because only written pages can be dropped.</summary>
    /// <param name="path">The file.</param>
    public static void Drop(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        if (posix_fadvise((int)file.DangerousGetHandle(), 0, 0, DontNeed) != 0)
        {
            throw new IOException($"The page cache of {path} could not be dropped.");
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_fadvise(int file, long offset, long length, int advice);
}
