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

    [Fact]
    public void TooLongSidesAreRefused()
    {
        var error = Assert.Throws<ImagingException>(() => ImageFile.Encode(Pictures.Noise(16_384, 1), ImageFormat.WebP));
        Assert.Contains("16383", error.Message, StringComparison.Ordinal);
    }
}
