using System.Diagnostics;
using System.Runtime.Versioning;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class ImageWriteTests
{
    private static readonly RgbImage Image = Pictures.Smooth(64, 48);

    [Theory]
    [InlineData("a.png", 0x89)]
    [InlineData("a.PNG", 0x89)]
    [InlineData("a.jpg", 0xff)]
    [InlineData("a.jpeg", 0xff)]
    [InlineData("a.webp", 'R')]
    public void TheEndingDecidesTheFormat(string name, int firstByte)
    {
        using var folder = new TemporaryFolder();
        ImageFile.Write(folder[name], Image);
        Assert.Equal(firstByte, File.ReadAllBytes(folder[name])[0]);
        Assert.Equal([name], folder.Names);
        Assert.InRange(ImageQuality.Psnr(Image, ImageFile.Read(folder[name])), 35, double.PositiveInfinity);
    }

    [Theory]
    [InlineData("a.bmp")]
    [InlineData("a")]
    [InlineData("a.png.tmp")]
    public void OtherEndingsAreRefused(string name)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ImagingException>(() => ImageFile.Write(folder[name], Image));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public void PngAndLosslessWebPKeepEveryPixel()
    {
        RgbImage noise = Pictures.Noise(37, 23);
        Assert.Equal(noise, ImageFile.Read(ImageFile.Encode(noise, ImageFormat.Png)));
        Assert.Equal(noise, ImageFile.Read(ImageFile.Encode(noise, ImageFormat.WebP, new() { Lossless = true })));
    }

    [Fact]
    public void TheSamePictureGivesTheSameBytes()
    {
        var options = new ImageWriteOptions { Parameters = new Dictionary<string, string> { ["parameters"] = "{}" } };
        foreach (ImageFormat format in Enum.GetValues<ImageFormat>())
        {
            Assert.Equal(ImageFile.Encode(Image, format, options), ImageFile.Encode(Image, format, options));
        }
    }

    [Fact]
    public void QualityCounts()
    {
        byte[] coarse = ImageFile.Encode(Image, ImageFormat.Jpeg, new() { Quality = 20 });
        Assert.True(coarse.Length < ImageFile.Encode(Image, ImageFormat.Jpeg).Length);
    }

    [Fact]
    public void OptionsOutOfRangeAreRefused()
    {
        Assert.Throws<ImagingException>(() => ImageFile.Encode(Image, ImageFormat.Jpeg, new() { Quality = 0 }));
        Assert.Throws<ImagingException>(() => ImageFile.Encode(Image, ImageFormat.WebP, new() { Quality = 101 }));
        Assert.Throws<ImagingException>(() => ImageFile.Encode(Image, ImageFormat.Png, new() { PngCompression = 10 }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" key")]
    [InlineData("ключ")]
    [InlineData("a\0b")]
    public void KeysThatPngCannotHoldAreRefused(string key) => Assert.Throws<ImagingException>(
        () => ImageFile.Encode(Image, ImageFormat.Png, new() { Parameters = new Dictionary<string, string> { [key] = "x" } }));

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void ParametersComeBack(ImageFormat format)
    {
        var parameters = new Dictionary<string, string>
        {
            ["parameters"] = """{"prompt":"a <cat> & \"dog\"","seed":52}""",
            ["prompt"] = "一只猫 🐈 ça\n\tva \u0001\uffff",
            ["empty"] = string.Empty,
        };
        byte[] data = ImageFile.Encode(Image, format, new() { Parameters = parameters });
        Assert.Equal(parameters, ImageFile.ReadParameters(data));
        Assert.Equal(ImageFile.Read(ImageFile.Encode(Image, format)), ImageFile.Read(data));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], data);
        Assert.Equal(parameters, ImageFile.ReadParameters(folder["x"]));
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void WithoutParametersThereAreNone(ImageFormat format) =>
        Assert.Empty(ImageFile.ReadParameters(ImageFile.Encode(Image, format)));

    [Fact]
    public void LongParametersFitJpegUpToItsLimit()
    {
        byte[] Encode(int length) => ImageFile.Encode(
            Image, ImageFormat.Jpeg, new() { Parameters = new Dictionary<string, string> { ["p"] = new('x', length) } });
        int frame = XmpText.Write(new Dictionary<string, string> { ["p"] = string.Empty }).Length;
        byte[] most = Encode(XmpText.MaxJpegLength - frame);
        Assert.Equal(XmpText.MaxJpegLength - frame, ImageFile.ReadParameters(most)["p"].Length);
        var error = Assert.Throws<ImagingException>(() => Encode(XmpText.MaxJpegLength - frame + 1));
        Assert.Contains("write a PNG", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HostileParametersAreNotFollowed()
    {
        Assert.Empty(XmpText.Read("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"u8.ToArray()));
        Assert.Empty(XmpText.Read("<parameters xmlns='urn:nexusgen:xmp:'>[1,</parameters>"u8.ToArray()));
        Assert.Empty(XmpText.Read("<parameters xmlns='urn:nexusgen:xmp:'><x/></parameters>"u8.ToArray()));
        Assert.Empty(XmpText.Read([0xff, 0xfe, 1]));
        var parameters = new Dictionary<string, string> { ["a"] = "b" };
        byte[] png = ImageFile.Encode(Image, ImageFormat.Png, new() { Parameters = parameters });
        png.AsSpan(33, 4).Fill(0xff); // the length of the text chunk
        Assert.Empty(ImageFile.ReadParameters(png));
        for (int length = 12; length < 80; length++)
        {
            ImageFile.ReadParameters(png.AsSpan(0, length));
        }
    }

    [Fact]
    public void TooLongSidesAreRefused()
    {
        var error = Assert.Throws<ImagingException>(() => ImageFile.Encode(Pictures.Noise(16_384, 1), ImageFormat.WebP));
        Assert.Contains("16383", error.Message, StringComparison.Ordinal);
    }

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
