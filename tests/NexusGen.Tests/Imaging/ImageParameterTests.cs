using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>Parameters inside image files: written, read back, and refused.</summary>
public class ImageParameterTests
{
    private static readonly RgbImage Image = Pictures.Smooth(64, 48);

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
}
