using Microsoft.Win32.SafeHandles;

namespace NexusGen.Weights.Files;

/// <summary>
/// A file that appears under its name only when it is complete. It is written to the same folder under a temporary name, flushed
/// to the disk and renamed. Until then an existing file of that name stays as it is, and a failure leaves nothing behind.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _temporary;
    private long _length;
    private bool _finished;
    private bool _committed;

    private AtomicFile(string path, string temporary, SafeFileHandle handle)
    {
        Path = path;
        _temporary = temporary;
        _handle = handle;
    }

    /// <summary>Gets the final path of the file.</summary>
    public string Path { get; }

    /// <summary>Creates the temporary file and, if the system supports it, allocates its disk space at once.</summary>
    /// <param name="path">The final path; its folder exists.</param>
    /// <param name="length">The final length in bytes.</param>
    /// <exception cref="IOException">The disk is full, or the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written to.</exception>
    public static AtomicFile Create(string path, long length)
    {
        string temporary = $"{path}.{System.IO.Path.GetRandomFileName()}.tmp";
        SafeFileHandle handle = File.OpenHandle(
            temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: length);
        return new AtomicFile(path, temporary, handle);
    }

    /// <summary>Writes and finishes a small file in one call.</summary>
    /// <param name="path">The final path.</param>
    /// <param name="content">The content of the file.</param>
    public static AtomicFile Finished(string path, ReadOnlySpan<byte> content)
    {
        AtomicFile file = Create(path, content.Length);
        try
        {
            file.Append(content);
            file.Finish();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends bytes to the file.</summary>
    /// <param name="bytes">The bytes to append.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_handle, bytes, _length);
        _length += bytes.Length;
    }

    /// <summary>Flushes everything to the disk and closes the file. Nothing can be written afterwards.</summary>
    public void Finish()
    {
        RandomAccess.FlushToDisk(_handle);
        _handle.Dispose();
        _finished = true;
    }

    /// <summary>Gives the finished file its name and replaces an existing file of that name.</summary>
    public void Commit()
    {
        if (!_finished)
        {
            throw new InvalidOperationException("The file must be finished first.");
        }

        File.Move(_temporary, Path, overwrite: true);
        _committed = true;
    }

    /// <summary>Deletes the temporary file unless it was committed.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (!_committed)
        {
            File.Delete(_temporary);
        }
    }
}
