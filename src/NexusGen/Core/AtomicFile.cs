using Microsoft.Win32.SafeHandles;

namespace NexusGen.Core;

/// <summary>
/// A file that appears under its name only when it is complete. It is written to the same folder under a temporary name, flushed
/// to the disk and renamed. Until then an existing file of that name stays as it is, and a failure leaves nothing behind.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _temporary;
    private readonly FileIdentity? _old;
    private bool _finished;
    private bool _committed;

    private AtomicFile(string path, string temporary, FileStream stream, FileIdentity? old)
    {
        Path = path;
        _temporary = temporary;
        _stream = stream;
        _old = old;
    }

    /// <summary>Gets the final path of the file.</summary>
    public string Path { get; }

    /// <summary>
    /// Begins a file that replaces one of the same name: a link to another file and other names of the same file are parted from
    /// it. Fits weights, whose old file may be mapped into memory.
    /// </summary>
    /// <param name="path">The final path; its folder exists.</param>
    /// <param name="length">The final length in bytes, which is allocated at once if the system supports it.</param>
    /// <exception cref="IOException">The disk is full, or the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can't be written to.</exception>
    public static AtomicFile Create(string path, long length) => Create(path, length, null);

    /// <summary>
    /// Writes a file as a write in place would: a link is followed, an existing file keeps its mode, owner and other names, and a
    /// read-only file is refused. Still, the file is replaced only when the new content is on the disk. Fits files that a user
    /// names.
    /// </summary>
    /// <param name="path">The path; its folder exists.</param>
    /// <param name="content">The content of the file.</param>
    /// <param name="open">Opens the temporary file, or null for the usual way.</param>
    /// <exception cref="IOException">The disk is full, or the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder can't be written to.</exception>
    public static void Write(
        string path, ReadOnlySpan<byte> content, Func<string, FileStreamOptions, FileStream>? open = null)
    {
        string target = Resolve(path);
        if (!CheckWritable(target))
        {
            // A device or a pipe has no name to replace.
            WriteInto(target, content);
            return;
        }

        AtomicFile file;
        try
        {
            file = Create(target, content.Length, FileIdentity.Of(target), open);
        }
        catch (UnauthorizedAccessException) when (File.Exists(target))
        {
            // The file may be written, but nothing can be created beside it.
            WriteInto(target, content);
            return;
        }

        using (file)
        {
            file.Append(content);
            file.Finish();
            file.Commit();
        }
    }

    /// <summary>Writes and finishes a small file in one call; see <see cref="Create(string, long)"/>.</summary>
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

    /// <summary>Checks whether an existing file may be written, without changing it.</summary>
    /// <param name="path">The path, which may be a link or name no file.</param>
    /// <returns>false for a device, a pipe or a socket.</returns>
    /// <exception cref="UnauthorizedAccessException">The file is read-only.</exception>
    public static bool CheckWritable(string path)
    {
        string target = Resolve(path);
        if (FileIdentity.Of(target) is { IsRegular: false })
        {
            return false;
        }

        if (File.Exists(target))
        {
            using SafeFileHandle handle = File.OpenHandle(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        }

        return true;
    }

    /// <summary>Appends bytes to the file.</summary>
    /// <param name="bytes">The bytes to append.</param>
    public void Append(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Flushes everything to the disk and closes the file. Nothing can be written afterwards.</summary>
    public void Finish()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        _finished = true;
    }

    /// <summary>Gives the finished file its name and replaces an existing file of that name.</summary>
    public void Commit()
    {
        if (!_finished)
        {
            throw new InvalidOperationException("The file must be finished first.");
        }

        if (_old is { } old && (old.Links > 1 || old.OwnerDiffers(FileIdentity.Of(_temporary))))
        {
            // A new file could not have the other names or the owner of the old one.
            CopyInto(Path);
        }
        else
        {
            if (_old is not null && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_temporary, File.GetUnixFileMode(Path));
            }

            File.Move(_temporary, Path, overwrite: true);
            _committed = true;
        }
    }

    /// <summary>Deletes the temporary file unless it was committed.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        if (!_committed)
        {
            File.Delete(_temporary);
        }
    }

    private static AtomicFile Create(
        string path, long length, FileIdentity? old, Func<string, FileStreamOptions, FileStream>? open = null)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        string temporary = System.IO.Path.Combine(folder, $".{System.IO.Path.GetRandomFileName()}.tmp");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            PreallocationSize = length,
        };
        if (old is not null && !OperatingSystem.IsWindows())
        {
            // Nobody may read the new content who may not read the old one.
            options.UnixCreateMode = File.GetUnixFileMode(path) | UnixFileMode.UserWrite;
        }

        return new AtomicFile(path, temporary, open?.Invoke(temporary, options) ?? new FileStream(temporary, options), old);
    }

    private static void WriteInto(string target, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(content);
        if (stream.CanSeek && stream.Length > content.Length)
        {
            stream.SetLength(content.Length);
        }
    }

    private static string Resolve(string path) =>
        new FileInfo(path).LinkTarget is null
            ? path
            : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private void CopyInto(string target)
    {
        using var source = new FileStream(_temporary, FileMode.Open, FileAccess.Read);
        using var stream = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.Read);
        source.CopyTo(stream);
        stream.SetLength(source.Length);
        stream.Flush(flushToDisk: true);
    }
}
