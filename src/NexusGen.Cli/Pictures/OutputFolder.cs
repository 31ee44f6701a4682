using NexusGen.Core;

namespace NexusGen.Cli.Pictures;

/// <summary>
/// A folder that will be written to: made where it is missing and tried before the long work begins, and taken away again where
/// it was made for nothing.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly Stack<string> _made = [];

    /// <summary>Makes sure that the folder is there and can be written to.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="NexusGenException">It can't be made or written to.</exception>
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
            string reason = e is UnauthorizedAccessException ? "you may not write there" : e.Message.TrimEnd('.');
            throw new NexusGenException($"Nothing can be written to the folder {folder}: {reason}; choose another --output.", e);
        }
    }

    /// <summary>Makes sure that a picture can be written.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="NexusGenException">It can't.</exception>
    public static OutputFolder For(OutputName name) => Directory.Exists(name.Path)
        ? throw new NexusGenException($"{name.Path} is a folder; name a file in it.")
        : new OutputFolder(name.Folder);

    /// <summary>Takes away what was made and is still empty.</summary>
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
                // Something was written there, as it should be.
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
