using NexusGen.Core;

namespace NexusGen.Imaging;

/// <summary>Writes image files, and says why one can't be written.</summary>
internal static class ImageWriter
{
    /// <summary>Writes a file; see <see cref="AtomicFile.Write"/>.</summary>
    /// <exception cref="ImagingException">The file can't be written; the message names the path and the reason.</exception>
    public static void Write(
        string path, ReadOnlySpan<byte> content, Func<string, FileStreamOptions, FileStream>? open = null)
    {
        try
        {
            AtomicFile.Write(path, content, open);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ImagingException($"Can't write '{path}': {Reason(path, exception)}.", exception);
        }
    }

    private static string Reason(string path, Exception exception)
    {
        if (exception is ArgumentException)
        {
            return "it is not a valid path";
        }

        const int UnixNoSpace = 28, WindowsDiskFull = unchecked((int)0x80070070);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        return exception switch
        {
            IOException { HResult: UnixNoSpace or WindowsDiskFull } => "the disk is full; free some space",
            _ when File.Exists(folder) => $"'{folder}' is a file and not a folder",
            _ when !Directory.Exists(folder) => $"the folder '{folder}' does not exist; create it first",
            _ when Directory.Exists(path) => "it is a folder",
            UnauthorizedAccessException when File.Exists(path) && IsReadOnly(path) => "the file is read-only",
            UnauthorizedAccessException => $"permission denied for '{folder}'",
            _ => exception.Message.TrimEnd('.'),
        };
    }

    private static bool IsReadOnly(string path)
    {
        try
        {
            _ = AtomicFile.CheckWritable(path);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }
}
