namespace NexusGen.Imaging;

/// <summary>
/// Writes a file atomically: into a temporary file in the same folder, which is renamed once all data is flushed to the disk. On
/// any failure the temporary file is removed and an existing file is left unchanged.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file, replacing an existing one.</summary>
    /// <exception cref="ImagingException">The file can't be written; the message names the path and the reason.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content) =>
        Write(path, content, temporary => new FileStream(temporary, FileMode.CreateNew, FileAccess.Write));

    /// <summary>Writes a file through the stream that <paramref name="create"/> opens for the temporary file.</summary>
    internal static void Write(string path, ReadOnlySpan<byte> content, Func<string, FileStream> create)
    {
        string? temporary = null;
        try
        {
            string target = Path.GetFullPath(path);
            temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetRandomFileName()}.tmp");
            using (FileStream stream = create(temporary))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Remove(temporary);
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
            UnauthorizedAccessException => $"permission denied for '{folder}'",
            _ => exception.Message.TrimEnd('.'),
        };
    }

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Report the first failure, not this one.
        }
    }
}
