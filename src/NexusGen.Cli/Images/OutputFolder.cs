using NexusGen.Core;

namespace NexusGen.Cli.Images;

/// <summary>
/// An output folder. It is created if it does not exist and checked for write access before the long work starts. Created folders
/// are removed again if nothing was written to them.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly Stack<string> _made = [];

    /// <summary>Creates the folder if it does not exist and checks that it can be written to.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="NexusGenException">The folder can't be created or written to.</exception>
    public OutputFolder(string folder)
    {
        try
        {
            Make(System.IO.Path.GetFullPath(folder));
            string trial = System.IO.Path.Combine(folder, $".{System.IO.Path.GetRandomFileName()}.tmp");
            using (new FileStream(trial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Dispose();
            string reason = e is UnauthorizedAccessException ? "permission denied" : e.Message.TrimEnd('.');
            throw new NexusGenException($"Can't write to the folder {folder}: {reason}; choose another --output.", e);
        }
    }

    private OutputFolder()
    {
    }

    /// <summary>Creates and checks the folder of an image.</summary>
    /// <param name="name">The name of the image.</param>
    /// <exception cref="NexusGenException">The image can't be written.</exception>
    public static OutputFolder For(OutputName name)
    {
        if (Directory.Exists(name.Path))
        {
            throw new NexusGenException($"{name.Path} is a folder; specify a file.");
        }

        try
        {
            _ = AtomicFile.CheckWritable(name.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && File.Exists(name.Path))
        {
            string reason = e is UnauthorizedAccessException ? "the file is read-only" : e.Message.TrimEnd('.');
            throw new NexusGenException($"Can't write {name.Path}: {reason}; choose another --output.", e);
        }

        // An existing file is written, wherever it is.
        return File.Exists(name.Path) ? new OutputFolder() : new OutputFolder(name.Folder);
    }

    /// <summary>Removes the created folders that are still empty.</summary>
    public void Dispose()
    {
        while (_made.TryPop(out string? folder))
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                // The folder contains output, as it should.
                return;
            }
        }
    }

    private void Make(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (System.IO.Path.GetDirectoryName(folder) is { } parent)
        {
            Make(parent);
        }

        Directory.CreateDirectory(folder);
        _made.Push(folder);
    }
}
