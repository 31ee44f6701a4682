using System.Runtime.InteropServices;

namespace NexusGen.Training.Checkpoints;

/// <summary>Brings the entries of a folder (new names and renamed ones) to the disk, as a flush does for a file's content.</summary>
internal static partial class DurableFolder
{
    /// <summary>Flushes a folder; nothing happens on systems that have no such call.</summary>
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
            // Some network file systems refuse; the content itself is safe by then.
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
