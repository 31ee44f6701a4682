using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
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
    public void TextsOfAPngAreRemovedAndNothingElse()
    {
        byte[] plain = ImageFile.Encode(Image, ImageFormat.Png);
        byte[] described = ImageFile.Encode(
            Image,
            ImageFormat.Png,
            new() { Parameters = new Dictionary<string, string> { ["prompt"] = "a secret", ["notes"] = "一只猫" } });
        Assert.Equal(plain, PngText.Remove(described));
        Assert.Equal(plain, PngText.Remove(plain));
        byte[] compressed = [.. plain[..33], .. Chunk("zTXt", [.. "a"u8, 0, 0, .. Deflated(100)]), .. plain[33..]];
        Assert.Equal(new string('x', 100), PngText.Read(compressed)["a"]);
        Assert.Equal(plain, PngText.Remove(compressed));

        // Nothing is lost of a file that is cut off.
        foreach (int length in (int[])[0, 5, 20, 40, described.Length - 3])
        {
            byte[] cut = PngText.Remove(described.AsSpan(0, length));
            Assert.Equal(described.Take(length).TakeLast(2), cut.TakeLast(2));
        }
    }

    [Fact]
    public void AllTextsTogetherAreDecompressedUpToALimit()
    {
        byte[] plain = ImageFile.Encode(Image, ImageFormat.Png);
        const int most = 1 << 24;
        byte[][] chunks =
        [
            .. Enumerable.Range(0, 4).Select(i => Chunk("zTXt", [(byte)('a' + i), 0, 0, .. Deflated((most / 2) - 100)])),
        ];
        byte[] many = [.. plain[..33], .. chunks.SelectMany(chunk => chunk), .. plain[33..]];
        Assert.Equal(["a", "b"], PngText.Read(many).Keys);
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
    public void HalfACharacterInXmpIsNoError()
    {
        string packet = Encoding.UTF8.GetString(XmpText.Write(new Dictionary<string, string> { ["prompt"] = "cat" }));
        Assert.Empty(XmpText.Read(Encoding.UTF8.GetBytes(packet.Replace("cat", "\\ud800", StringComparison.Ordinal))));
    }

    private static byte[] Chunk(string type, byte[] content)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. content, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        return chunk;
    }

    private static byte[] Deflated(int length)
    {
        using var result = new MemoryStream();
        using (var zlib = new ZLibStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(Encoding.ASCII.GetBytes(new string('x', length)));
        }

        return result.ToArray();
    }
}
