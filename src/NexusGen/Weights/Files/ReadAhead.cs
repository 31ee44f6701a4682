using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NexusGen.Weights.Files;

/// <summary>
/// Announces to the system which part of a file will be read soon. The system does not recognize the reads of several threads as
/// sequential.
/// </summary>
internal static partial class ReadAhead
{
    // POSIX_FADV_WILLNEED on Linux.
    private const int WillNeed = 3;

    /// <summary>Announces a part of a file. Does nothing on systems without such a call.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The offset of the part.</param>
    /// <param name="count">The number of bytes.</param>
    public static void Announce(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
        {
            // This is only advice, so it doesn't matter whether the system follows it.
            _ = Advise(file, offset, count, WillNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long count, int advice);
}
