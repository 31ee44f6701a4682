using System.Runtime.InteropServices;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>The kinds of TIFF files that are read, with Pillow's values, and those that are refused by name.</summary>
public sealed class TiffTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 24).Select(i => (byte)((i * 41) + 3))];

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void TiffAndBigTiffInBothByteOrders(bool big, bool bigEndian)
    {
        var tiff = new TiffBuilder(4, 2, Bytes) { Channels = 3, Photometric = 2, Big = big, BigEndian = bigEndian };
        Assert.Equal(RgbImage.FromBytes(Bytes, 4, 2), ImageFile.Read(tiff.Build()));
        Assert.Equal((4, 2), ImageFile.ReadSize(tiff.Build()));
        var unsupported = tiff with { Compression = 50000 };
        Assert.Contains("Zstandard", Refused(unsupported));
    }

    [Fact]
    public void GrayOfManyDepthsIsClippedAsInPillow()
    {
        short[] signed = [-5, 0, 7, 300];
        uint[] wide = [0, 7, 255, 300];
        int[] wideSigned = [-5, 0, 7, 300];
        float[] real = [-5.5f, 0, 7.9f, 300];
        ushort[] unsigned = [0, 257, 2570, 65535];
        Assert.Equal([0, 0, 7, 255], Gray(MemoryMarshal.AsBytes<short>(signed), 16, 2));
        Assert.Equal([0, 7, 255, 255], Gray(MemoryMarshal.AsBytes<uint>(wide), 32, 1));
        Assert.Equal([0, 0, 7, 255], Gray(MemoryMarshal.AsBytes<int>(wideSigned), 32, 2));
        Assert.Equal([0, 0, 7, 255], Gray(MemoryMarshal.AsBytes<float>(real), 32, 3));
        Assert.Equal([0, 1, 10, 255], Gray(MemoryMarshal.AsBytes<ushort>(unsigned), 16, 1));
        Assert.Equal([0, 85, 170, 255], Gray([0b00_01_10_11], 2, 1));
        Assert.Equal([0, 17, 170, 255], Gray([0x01, 0xAF], 4, 1));
        Assert.Equal([255, 0, 255, 255], Gray([0b1011_0000], 1, 1));
    }

    [Fact]
    public void CmykOfBothDepthsIsTheSame()
    {
        byte[] cmyk = [0, 100, 200, 30, 255, 10, 20, 0];
        var narrow = new TiffBuilder(2, 1, cmyk) { Channels = 4, Photometric = 5 };
        byte[] wide = [.. cmyk.SelectMany(value => (byte[])[77, value])];
        RgbImage image = ImageFile.Read(narrow.Build());
        Assert.Equal((225, 137, 49), image[0, 0]);
        Assert.Equal(image, ImageFile.Read((narrow with { Bits = 16, Pixels = wide }).Build()));
    }

    [Theory]
    [InlineData(6, "the compression old-style JPEG (6)")]
    [InlineData(34661, "the compression JBIG (34661)")]
    [InlineData(34887, "the compression LERC (34887)")]
    [InlineData(34925, "the compression LZMA (34925)")]
    [InlineData(50000, "the compression Zstandard (50000)")]
    [InlineData(65000, "the compression 65000")]
    public void AnotherCompressionIsNamed(int compression, string said) =>
        Assert.Contains(said, Refused(new TiffBuilder(4, 2, Bytes) { Channels = 3, Photometric = 2, Compression = compression }));

    [Theory]
    [InlineData(1, 12, 1, "with 12 bits per channel,")]
    [InlineData(1, 16, 3, "with 16 bits per channel (floating-point),")]
    [InlineData(1, 64, 3, "with 64 bits per channel (floating-point),")]
    [InlineData(1, 8, 2, "with 8 bits per channel (signed),")]
    [InlineData(2, 32, 1, "with 32 bits per channel in RGB,")]
    [InlineData(2, 4, 1, "with 4 bits per channel in RGB,")]
    [InlineData(3, 16, 1, "with 16 bits per channel in a palette,")]
    [InlineData(6, 8, 1, "with the color space YCbCr without JPEG compression,")]
    [InlineData(8, 8, 1, "with the color space CIELab (8),")]
    [InlineData(32845, 16, 1, "with the color space LogLuv (32845),")]
    public void AnotherDepthOrColorSpaceIsNamed(int photometric, int bits, int format, string said) =>
        Assert.Contains(said, Refused(new TiffBuilder(4, 2, new byte[400])
        {
            Channels = photometric is 2 or 6 or 8 ? 3 : 1,
            Photometric = photometric,
            Bits = bits,
            SampleFormat = format,
        }));

    // The fields are of 16 bits by the standard, but readers accept other integers.
    [Theory]
    [InlineData(1, 34, false)]
    [InlineData(4, 50000, false)]
    [InlineData(4, 50000, true)]
    [InlineData(16, 50000, true)]
    public void FieldsOfAnyIntegerTypeAreUnderstood(int type, int compression, bool big)
    {
        foreach (bool bigEndian in (bool[])[false, true])
        {
            var tiff = new TiffBuilder(4, 2, Bytes)
            {
                Channels = 3,
                Photometric = 2,
                FieldType = type,
                Big = big,
                BigEndian = bigEndian,
            };
            string name = compression == 50000 ? "Zstandard (50000)" : "34";
            Assert.Contains($"the compression {name},", Refused(tiff with { Compression = compression }));
            Assert.Contains("12 bits per channel", Refused(tiff with { Channels = 1, Photometric = 1, Bits = 12 }));
            Assert.Contains("YCbCr without JPEG compression", Refused(tiff with { Photometric = 6 }));
        }
    }

    [Fact]
    public void DamagedDirectoriesAreRefused()
    {
        byte[] whole = new TiffBuilder(4, 2, Bytes) { Channels = 3, Photometric = 2, Big = true }.Build();
        for (int length = 8; length < whole.Length; length++)
        {
            Assert.Throws<ImagingException>(() => ImageFile.Read(whole[..length]));
        }

        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.Next(2, whole.Length)] = (byte)random.Next(256);
            try
            {
                ImageFile.Read(damaged, maxPixels: 1_000_000);
            }
            catch (ImagingException)
            {
                // The only exception that is allowed.
            }
        }
    }

    private static IEnumerable<int> Gray(ReadOnlySpan<byte> pixels, int bits, int format)
    {
        RgbImage image = ImageFile.Read(
            new TiffBuilder(4, 1, pixels.ToArray()) { Bits = bits, SampleFormat = format }.Build());
        return [.. Enumerable.Range(0, 4).Select(x => (int)image.Pixels[3 * x])];
    }

    private static string Refused(TiffBuilder tiff)
    {
        string message = Assert.Throws<ImagingException>(() => ImageFile.Read(tiff.Build())).Message;
        Assert.StartsWith("The image is a TIFF with ", message);
        Assert.EndsWith("with the compression LZW or deflate.", message);
        return message;
    }
}
