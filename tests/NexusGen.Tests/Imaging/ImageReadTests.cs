using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class ImageReadTests
{
    public static TheoryData<string> Cases => ReferenceCase.All("image-read");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Path.Combine(ReferenceFolder.Path, "images")).Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheReference(string name)
    {
        var reference = new ReferenceCase("image-read", name);
        reference.AssertPicture(
            reference.ExpectedPicture("image"), ReferenceCase.Image(reference.Input.GetProperty("image")));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void PathsStreamsAndBytesAreTheSame(string name)
    {
        string path = ImagePath(name);
        byte[] data = File.ReadAllBytes(path);
        RgbImage image = ImageFile.Read(path);
        Assert.Equal(image, ImageFile.Read(data));
        using var stream = new MemoryStream(data);
        Assert.Equal(image, ImageFile.Read(stream));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void CutFilesAreRefused(string name)
    {
        byte[] data = File.ReadAllBytes(ImagePath(name));
        foreach (double share in new[] { 0.02, 0.3, 0.9 })
        {
            byte[] cut = data[..(int)(data.Length * share)];
            var error = Assert.Throws<ImagingException>(() => ImageFile.Read(cut));
            Assert.Contains("truncated or damaged", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DamagedPixelsAreRefused()
    {
        byte[] data = File.ReadAllBytes(ImagePath("cat.png"));
        data.AsSpan(data.Length / 2, 64).Clear();
        Assert.Throws<ImagingException>(() => ImageFile.Read(data));
    }

    [Fact]
    public void EmptyFilesAreRefused()
    {
        var error = Assert.Throws<ImagingException>(() => ImageFile.Read([]));
        Assert.Equal("The image is empty.", error.Message);
    }

    [Theory]
    [InlineData("this is no picture at all")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>")]
    [InlineData("%PDF-1.7")]
    [InlineData("P6 1 1 255 abc")]
    public void OtherContentIsRefused(string content)
    {
        var error = Assert.Throws<ImagingException>(() => ImageFile.Read(Encoding.UTF8.GetBytes(content)));
        Assert.Contains("not in a supported format", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ContentDecidesTheFormatAndNotTheName()
    {
        using var folder = new TemporaryFolder();
        string path = folder["really a png [page=7].jpg"];
        File.Copy(ImagePath("small.png"), path);
        Assert.Equal(ImageFile.Read(ImagePath("small.png")), ImageFile.Read(path));
    }

    [Fact]
    public void MissingFilesAndFoldersAreNamed()
    {
        using var folder = new TemporaryFolder();
        var missing = Assert.Throws<ImagingException>(() => ImageFile.Read(folder["none.png"]));
        Assert.Equal($"The image '{folder["none.png"]}' does not exist; check the path.", missing.Message);
        var notAFile = Assert.Throws<ImagingException>(() => ImageFile.Read(folder.Path));
        Assert.Equal($"The image '{folder.Path}' is a folder.", notAFile.Message);
        Assert.Throws<ImagingException>(() => ImageFile.Read("a\0.png"));
    }

    [Fact]
    public void EndlessFilesAreRefusedAtOnce()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.Throws<ImagingException>(() => ImageFile.Read("/dev/zero"));
        }
    }

    [Fact]
    public void OnePixelIsRead()
    {
        RgbImage pixel = Pictures.Of(1, 1, (_, _) => (1, 2, 3));
        Assert.Equal((1, 2, 3), ImageFile.Read(ImageFile.Encode(pixel, ImageFormat.Png))[0, 0]);
        foreach (ImageFormat format in Enum.GetValues<ImageFormat>())
        {
            RgbImage read = ImageFile.Read(ImageFile.Encode(pixel, format));
            Assert.Equal((1, 1), (read.Width, read.Height));
        }
    }

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(1, 100_000)]
    [InlineData(60_000, 60_000)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void HugeSizesAreRefusedByTheHeader(int width, int height)
    {
        // Only the header has this size. If pixels were decoded, the file would be reported as truncated.
        var error = Assert.Throws<ImagingException>(() => ImageFile.Read(PngClaiming(width, height)));
        Assert.True(
            error.Message.Contains($"{width}×{height}", StringComparison.Ordinal) || width == int.MaxValue, error.Message);
    }

    [Fact]
    public void TheCallersBoundCounts()
    {
        byte[] data = ImageFile.Encode(Pictures.Noise(10, 10), ImageFormat.Png);
        Assert.Equal(10, ImageFile.Read(data, maxPixels: 100).Width);
        var error = Assert.Throws<ImagingException>(() => ImageFile.Read(data, maxPixels: 99));
        Assert.Contains("at most 99 pixels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CmykWithoutAdobesMarkerIsTakenForInvertedAsPillowDoes()
    {
        byte[] data = File.ReadAllBytes(ImagePath("cmyk.jpg"));
        int marker = data.AsSpan().IndexOf("Adobe"u8) - 4;
        int length = 2 + BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(marker + 2));
        byte[] without = [.. data[..marker], .. data[(marker + length)..]];
        Assert.Equal(ImageFile.Read(data), ImageFile.Read(without));
    }

    [Fact]
    public void ManyThreadsReadTheSame()
    {
        string[] paths = Directory.GetFiles(Path.Combine(ReferenceFolder.Path, "images"));
        RgbImage[] alone = [.. paths.Select(path => ImageFile.Read(path))];
        RgbImage[] together = new RgbImage[paths.Length * 4];
        Parallel.For(0, together.Length, i => together[i] = ImageFile.Read(paths[i % paths.Length]));
        Assert.All(together.Index(), item => Assert.Equal(alone[item.Index % paths.Length], item.Item));
    }

    /// <summary>The Exif orientations, by the target of the first pixel of the file and of its right neighbor.</summary>
    [Theory]
    [InlineData(1, 0, 0, 1, 0)]
    [InlineData(2, 2, 0, 1, 0)]
    [InlineData(3, 2, 1, 1, 1)]
    [InlineData(4, 0, 1, 1, 1)]
    [InlineData(5, 0, 0, 0, 1)]
    [InlineData(6, 1, 0, 1, 1)]
    [InlineData(7, 1, 2, 1, 1)]
    [InlineData(8, 0, 2, 0, 1)]
    [InlineData(0, 0, 0, 1, 0)]
    [InlineData(99, 0, 0, 1, 0)]
    public void OrientationsTurnUpright(int orientation, int x, int y, int rightX, int rightY)
    {
        RgbImage stored = Pictures.Of(3, 2, (column, row) => (column, row, 0));
        RgbImage upright = ImageOrientation.Upright(stored.Pixels.ToArray(), 3, 2, orientation);
        Assert.Equal(orientation is >= 5 and <= 8 ? (2, 3) : (3, 2), (upright.Width, upright.Height));
        Assert.Equal((0, 0, 0), upright[x, y]);
        Assert.Equal((1, 0, 0), upright[rightX, rightY]);
        Assert.Equal(6, Enumerable.Range(0, 6).Select(i => upright[i % upright.Width, i / upright.Width]).Distinct().Count());
    }

    private static string ImagePath(string name) => Path.Combine(ReferenceFolder.Path, "images", name);

    /// <summary>Creates a valid one-pixel PNG whose header, with a correct checksum, has another size.</summary>
    private static byte[] PngClaiming(int width, int height)
    {
        byte[] png = ImageFile.Encode(Pictures.Noise(1, 1), ImageFormat.Png);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        return png;
    }
}
