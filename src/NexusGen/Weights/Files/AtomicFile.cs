using Microsoft.Win32.SafeHandles;

namespace NexusGen.Weights.Files;

/// <summary>
/// A file that appears under its name only when it is complete: it is written beside its place under another name, flushed
/// to the disk and renamed. Until then a file that is already there stays as it is; what fails leaves nothing behind.
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

    /// <summary>Where the file will be.</summary>
    public string Path { get; }

    /// <summary>Begins a file. Its room on the disk is taken at once where the system can do that.</summary>
    /// <param name="path">Where it will be; its folder exists.</param>
    /// <param name="length">How long it will be.</param>
    /// <exception cref="IOException">There is no room, or no such folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written.</exception>
    public static AtomicFile Create(string path, long length)
    {
        string temporary = $"{path}.{System.IO.Path.GetRandomFileName()}.tmp";
        SafeFileHandle handle = File.OpenHandle(
            temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: length);
        return new AtomicFile(path, temporary, handle);
    }

    /// <summary>Writes a whole small file.</summary>
    /// <param name="path">Where it will be.</param>
    /// <param name="content">Its bytes.</param>
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

    /// <summary>Writes at the end.</summary>
    /// <param name="bytes">What to write.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_handle, bytes, _length);
        _length += bytes.Length;
    }

    /// <summary>Brings everything to the disk. Nothing is written afterwards.</summary>
    public void Finish()
    {
        RandomAccess.FlushToDisk(_handle);
        _handle.Dispose();
        _finished = true;
    }

    /// <summary>Gives the finished file its name; one that was there before is replaced at that moment.</summary>
    public void Commit()
    {
        if (!_finished)
        {
            throw new InvalidOperationException("The file must be finished first.");
        }

        File.Move(_temporary, Path, overwrite: true);
        _committed = true;
    }

    /// <summary>Removes what was written, unless it has its name.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (!_committed)
        {
            File.Delete(_temporary);
        }
    }
}
