using System.Buffers.Binary;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>Windows bitmaps, with Pillow's values.</summary>
public sealed class BmpTests
{
    // Three by two pixels, the upper row first: red, green, blue; white, black, gray.
    private static readonly RgbImage Expected = RgbImage.FromBytes(
        [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 128, 128, 128], 3, 2);

    private static readonly byte[] Palette =
        [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 128, 128, 128, 0];

    [Fact]
    public void TrueColorInBothDirections()
    {
        byte[] upper = [0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0], lower = [255, 255, 255, 0, 0, 0, 128, 128, 128, 0, 0, 0];
        Assert.Equal(Expected, Read(Bmp(24, 0, [], [.. lower, .. upper])));
        Assert.Equal(Expected, Read(Bmp(24, 0, [], [.. upper, .. lower], height: -2)));
        Assert.Equal((3, 2), ImageFile.ReadSize(Bmp(24, 0, [], [.. lower, .. upper])));
        byte[] wide = [.. ((byte[])[.. lower[..9], .. upper[..9]]).Chunk(3).SelectMany(pixel => (byte[])[.. pixel, 7])];
        Assert.Equal(Expected, Read(Bmp(32, 0, [], wide)));
        Assert.Empty(ImageFile.ReadParameters(Bmp(32, 0, [], wide)));
    }

    [Theory]
    [InlineData(8, 0, new byte[] { 3, 4, 5, 0, 0, 1, 2, 0 })]
    [InlineData(4, 0, new byte[] { 0x34, 0x50, 0, 0, 0x01, 0x20, 0, 0 })]
    [InlineData(8, 1, new byte[] { 0, 3, 3, 4, 5, 0, 0, 0, 1, 0, 1, 1, 1, 2, 0, 1 })]
    [InlineData(4, 2, new byte[] { 0, 3, 0x34, 0x50, 0, 0, 2, 0x01, 1, 0x20, 0, 1 })]
    public void PalettesAndRuns(int bits, int compression, byte[] pixels) =>
        Assert.All(
            (byte[][])[Bmp(bits, compression, Palette, pixels), WithoutOffset(Bmp(bits, compression, Palette, pixels))],
            file => Assert.Equal(Expected, Read(file)));

    [Fact]
    public void SixteenBitsAndMasks()
    {
        byte[] Words(params ushort[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
        RgbImage five = Read(Bmp(16, 0, [], Words(0x7FFF, 0, 0x4210, 0, 0x7C00, 0x03E0, 0x001F, 0)));
        Assert.Equal(((255, 0, 0), (131, 131, 131)), (five[0, 0], five[2, 1]));
        byte[] masks = [0, 0xF8, 0, 0, 0xE0, 7, 0, 0, 0x1F, 0, 0, 0];
        RgbImage six = Read(Bmp(16, 3, masks, Words(0xFFFF, 0, 0x8410, 0, 0xF800, 0x07E0, 0x001F, 0)));
        Assert.Equal(((0, 255, 0), (131, 129, 131)), (six[1, 0], six[2, 1]));
        byte[] swapped = [255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0];
        RgbImage rgba = Read(Bmp(32, 3, swapped, [.. Enumerable.Repeat<byte[]>([1, 2, 3, 4], 6).SelectMany(pixel => pixel)]));
        Assert.Equal((1, 2, 3), rgba[0, 0]);
    }

    [Fact]
    public void OneBitAndTheOldHeader()
    {
        byte[] file =
        [
            .. "BM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1, 0, 9, 8, 7, 1, 2, 3, 0b0100_0000,
            0, 0, 0,
        ];
        RgbImage image = Read(file);
        Assert.Equal(((7, 8, 9), (3, 2, 1)), (image[0, 0], image[1, 0]));
    }

    [Fact]
    public void TruncatedAndUnknownFilesAreRefused()
    {
        byte[] file = Bmp(8, 0, Palette, [3, 4, 5, 0, 0, 1, 2, 0]);
        for (int length = 2; length < file.Length; length++)
        {
            string said = Assert.Throws<ImagingException>(() => Read(file[..length])).Message;
            Assert.Contains("truncated or damaged: it can't be read as Bmp", said);
        }

        Assert.Contains(
            "a BMP of 24 bits per pixel with the compression 4,",
            Assert.Throws<ImagingException>(() => Read(Bmp(24, 4, [], new byte[24]))).Message);
        byte[] huge = Bmp(24, 0, [], new byte[24]);
        BinaryPrimitives.WriteInt32LittleEndian(huge.AsSpan(18), int.MaxValue);
        Assert.Contains("a side may have at most", Assert.Throws<ImagingException>(() => Read(huge)).Message);
        var random = new Random(1);
        foreach ((int bits, int compression) in ((int, int)[])[(8, 0), (8, 1), (4, 2), (16, 3), (24, 0)])
        {
            byte[] whole = Bmp(bits, compression, Palette, [.. Enumerable.Range(0, 40).Select(i => (byte)(i % 5))]);
            for (int i = 0; i < 500; i++)
            {
                byte[] damaged = [.. whole];
                damaged[random.Next(2, 70)] = (byte)random.Next(256);
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
    }

    private static byte[] WithoutOffset(byte[] file)
    {
        file.AsSpan(10, 4).Clear();
        return file;
    }

    private static RgbImage Read(byte[] file) => ImageFile.Read(file);

    private static byte[] Bmp(int bits, int compression, byte[] table, byte[] pixels, int height = 2)
    {
        byte[] header = new byte[54];
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), 54 + table.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), 3);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), height);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(28), (short)bits);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(30), compression);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(46), bits <= 8 ? table.Length / 4 : 0);
        return [.. header, .. table, .. pixels];
    }
}
