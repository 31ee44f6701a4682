using System.Runtime.InteropServices;

namespace NexusGen.Training.Checkpoints;

/// <summary>Flushes the entries of a folder (new and renamed files) to disk, as a flush does for the content of a file.</summary>
internal static partial class DurableFolder
{
    /// <summary>Flushes a folder. Does nothing on Windows, which has no such call.</summary>
    /// <param name="path">The folder.</param>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(path, 0);
        if (descriptor >= 0)
        {
            // Some network file systems refuse. The content of the files has been flushed before.
            _ = Fsync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
