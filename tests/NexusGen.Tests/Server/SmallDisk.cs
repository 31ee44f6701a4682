using System.Diagnostics;

namespace NexusGen.Tests.Server;

/// <summary>A disk in memory (tmpfs).</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Mounts a disk.</summary>
    /// <param name="mebibytes">Its size.</param>
    public SmallDisk(int mebibytes)
    {
        if (Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", _folder.Path) != 0)
        {
            _folder.Dispose();
            throw new InvalidOperationException("The disk can't be mounted.");
        }
    }

    /// <summary>The reason why there can't be one, or null.</summary>
    public static string? WhyNot { get; } = Find();

    /// <summary>The path of a file on the disk.</summary>
    public string this[string name] => Path.Combine(_folder.Path, name);

    /// <summary>The number of free bytes.</summary>
    public long Free => new DriveInfo(_folder.Path).AvailableFreeSpace;

    /// <summary>Fills the disk to the last byte.</summary>
    public void Fill()
    {
        using FileStream filler = File.Create(this["filler"]);
        try
        {
            for (; ; )
            {
                filler.Write(new byte[4096]);
                filler.Flush();
            }
        }
        catch (IOException)
        {
        }
    }

    public void Dispose()
    {
        _ = Run("umount", "-l", _folder.Path);
        _folder.Dispose();
    }

    private static string? Find()
    {
        const string reason = "It needs a small disk, which only root on Linux can mount.";
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return reason;
        }

        try
        {
            new SmallDisk(1).Dispose();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return reason;
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
