using System.Diagnostics;
using System.Runtime.Versioning;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>An image is written to a path that exists already: files, links, folders and devices.</summary>
public class ImageReplacementTests
{
    private static readonly RgbImage Image = Pictures.Smooth(64, 48);

    [Fact]
    public void ReplacesWhatWasThere()
    {
        using var folder = new TemporaryFolder();
        string path = folder["a.png"];
        File.WriteAllText(path, "old");
        ImageFile.Write(path, Image);
        Assert.Equal(Image, ImageFile.Read(path));
        Assert.Equal(["a.png"], folder.Names);
    }

    [Fact]
    public void AFolderThatDoesNotExistIsNamed()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "none", "a.png");
        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(path, Image));
        Assert.Equal(
            $"Can't write '{path}': the folder '{folder["none"]}' does not exist; create it first.", error.Message);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void AFolderThatIsAFileIsNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "x");
        string path = Path.Combine(folder.Path, "file", "a.png");
        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(path, Image));
        Assert.Equal($"Can't write '{path}': '{folder["file"]}' is a file and not a folder.", error.Message);
        Assert.Equal(["file"], folder.Names);
    }

    [Fact]
    public void APathThatIsNoneIsRefused() =>
        Assert.Contains(
            "not a valid path",
            Assert.Throws<ImagingException>(() => ImageFile.Write("a\0.png", Image)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void AFolderInTheFilesPlaceStays()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["a.png"]);
        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(folder["a.png"], Image));
        Assert.Equal($"Can't write '{folder["a.png"]}': it is a folder.", error.Message);
        Assert.Equal(["a.png"], folder.Names);
    }

    [LinuxFact]
    public void ALinkIsFollowed()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["other"]);
        File.WriteAllText(folder["other/target.png"], "old");
        File.CreateSymbolicLink(folder["near.png"], "other/target.png");
        File.CreateSymbolicLink(folder["far.png"], "near.png");
        File.CreateSymbolicLink(folder["new.png"], "other/new.png");

        ImageFile.Write(folder["far.png"], Image);
        ImageFile.Write(folder["new.png"], Image);

        Assert.NotNull(new FileInfo(folder["far.png"]).LinkTarget);
        Assert.Equal("near.png", new FileInfo(folder["far.png"]).LinkTarget);
        Assert.Equal(Image, ImageFile.Read(folder["other/target.png"]));
        Assert.Equal("other/new.png", new FileInfo(folder["new.png"]).LinkTarget);
        Assert.Equal(Image, ImageFile.Read(folder["other/new.png"]));
        Assert.Equal(["far.png", "near.png", "new.png", "other"], folder.Names);
    }

    [LinuxFact]
    public void LinksInACircleAreRefused()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["a.png"], "b.png");
        File.CreateSymbolicLink(folder["b.png"], "a.png");

        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(folder["a.png"], Image));

        Assert.StartsWith($"Can't write '{folder["a.png"]}': ", error.Message);
        Assert.Equal(["a.png", "b.png"], folder.Names);
    }

    [LinuxFact]
    [UnsupportedOSPlatform("windows")]
    public void AnExistingFileKeepsItsMode()
    {
        using var folder = new TemporaryFolder();
        foreach (UnixFileMode mode in (UnixFileMode[])
            [UnixFileMode.UserRead | UnixFileMode.UserWrite, (UnixFileMode)0b110_110_110, (UnixFileMode)0b111_101_101])
        {
            File.WriteAllText(folder["a.png"], "old");
            File.SetUnixFileMode(folder["a.png"], mode);

            ImageFile.Write(folder["a.png"], Image);

            Assert.Equal(mode, File.GetUnixFileMode(folder["a.png"]));
            Assert.Equal(Image, ImageFile.Read(folder["a.png"]));
        }
    }

    [LinuxFact]
    public void OtherNamesOfAFileGetTheNewContent()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.png"], new string('x', 1 << 20));
        Process.Start("ln", [folder["a.png"], folder["b.png"]]).WaitForExit();

        ImageFile.Write(folder["a.png"], Image);

        Assert.Equal(File.ReadAllBytes(folder["a.png"]), File.ReadAllBytes(folder["b.png"]));
        Assert.Equal(Image, ImageFile.Read(folder["b.png"]));
        Assert.Equal(["a.png", "b.png"], folder.Names);
    }

    [LinuxFact]
    [UnsupportedOSPlatform("windows")]
    public void AReadOnlyFileIsRefused()
    {
        // Root may write every file.
        if (Environment.IsPrivilegedProcess)
        {
            return;
        }

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.png"], "old");
        File.SetUnixFileMode(folder["a.png"], UnixFileMode.UserRead);

        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(folder["a.png"], Image));

        Assert.Equal($"Can't write '{folder["a.png"]}': the file is read-only.", error.Message);
        Assert.Equal("old", File.ReadAllText(folder["a.png"]));
        Assert.Equal(["a.png"], folder.Names);
    }

    [LinuxFact]
    public void ADeviceIsWrittenAndNotReplaced()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["null.png"], "/dev/null");
        File.CreateSymbolicLink(folder["full.png"], "/dev/full");

        ImageFile.Write(folder["null.png"], Image);
        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(folder["full.png"], Image));

        Assert.EndsWith("the disk is full; free some space.", error.Message);
        Assert.Equal(["full.png", "null.png"], folder.Names);
        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }

    [LinuxFact]
    public void AFullDiskLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = folder["a.png"];
        File.WriteAllText(path, "old");

        // The temporary file is a link to a device that is always full, so the kernel itself rejects the data.
        var error = Assert.Throws<ImagingException>(() => ImageWriter.Write(path, "new"u8, (temporary, _) =>
        {
            File.CreateSymbolicLink(temporary, "/dev/full");
            return new FileStream(temporary, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        }));

        Assert.Equal($"Can't write '{path}': the disk is full; free some space.", error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["a.png"], folder.Names);
    }
}
