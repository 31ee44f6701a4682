using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NexusGen.Weights.Files;

/// <summary>Tells the system which part of a file will be read soon. Several threads that read pieces look like no order to it.</summary>
internal static partial class ReadAhead
{
    // POSIX_FADV_WILLNEED of Linux.
    private const int WillNeed = 3;

    /// <summary>Announces a part; does nothing where the system has no such call.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How many bytes.</param>
    public static void Announce(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            // Advice alone: whether it was taken doesn't matter.
            _ = Advise(file, offset, count, WillNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long count, int advice);
}
