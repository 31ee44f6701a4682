using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>
/// The pixels of files with transparency: those of <c>convert("RGB")</c>, and those of <c>to_rgb</c> of qwen_vl_utils, which lays
/// images of mode RGBA over white. The numbers follow from Pillow's rules: <c>Image.paste</c> divides
/// color · alpha + 255 · (255 − alpha) by 255 and rounds.
/// </summary>
public class ImageAlphaTests
{
    private static readonly byte[] Rgba =
    [
        200, 100, 50, 128, /**/ 10, 20, 30, 0,
        0, 0, 0, 1, /**/ 7, 8, 9, 255,
    ];

    private static readonly int[] Stored = [200, 100, 50, 10, 20, 30, 0, 0, 0, 7, 8, 9];
    private static readonly int[] OverWhite = [227, 177, 152, 255, 255, 255, 254, 254, 254, 7, 8, 9];

    [Fact]
    public void PngOfModeRgba()
    {
        AssertPixels(Stored, OverWhite, Png(8, 6, Rgba));

        // Pillow takes the high bytes of 16 bits.
        AssertPixels(Stored, OverWhite, Png(16, 6, [.. Rgba.SelectMany(level => (byte[])[level, 77])]));
    }

    [Fact]
    public void PngOfOtherModesIsNotLaidOverWhite()
    {
        int[] grays = [90, 90, 90, 80, 80, 80, 70, 70, 70, 60, 60, 60];
        AssertPixels(grays, grays, Png(8, 4, [90, 0, 80, 128, 70, 255, 60, 1]));
        AssertPixels(grays, grays, Png(16, 4, [90, 9, 0, 0, 80, 9, 128, 9, 70, 9, 255, 255, 60, 9, 1, 1]));
        AssertPixels(grays, grays, Png(8, 0, [90, 80, 70, 60], ("tRNS", [0, 80])));

        // A palette gives its color, whatever its transparency; so does the transparent color of RGB.
        byte[] palette = [255, 0, 0, 0, 128, 0, 0, 0, 255];
        int[] colors = [255, 0, 0, 0, 0, 255, 0, 128, 0, 255, 0, 0];
        AssertPixels(colors, colors, Png(8, 3, [0, 2, 1, 0], ("PLTE", palette), ("tRNS", [0, 128, 255])));
        AssertPixels(colors, colors, Png(8, 2, [.. colors.Select(level => (byte)level)], ("tRNS", [0, 255, 0, 0, 0, 0])));
    }

    [Fact]
    public void WebPOfModeRgba()
    {
        // Lossless, 112×112: a red shape of alpha 255 on transparent pixels.
        RgbImage image = ImageFile.Read(Convert.FromBase64String(WebP));

        Assert.Equal((0, 0, 0), image[0, 0]);
        Assert.Equal((255, 255, 255), image.OverWhite()[0, 0]);
        Assert.Equal(image[56, 56], image.OverWhite()[56, 56]);
        Assert.NotEqual((0, 0, 0), image[56, 56]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(999)]
    [InlineData(null)]
    public void TiffWithStraightAlpha(int? extra)
    {
        AssertPixels(Stored, OverWhite, Tiff(extra, Rgba));
        AssertPixels(Stored, OverWhite, Tiff(extra, Rgba, bits: 16));
    }

    [Fact]
    public void TiffWithAssociatedAlphaIsDivided()
    {
        byte[] multiplied = [100, 50, 25, 128, 10, 20, 30, 0, 200, 1, 0, 100, 7, 8, 9, 255];
        int[] divided = [199, 99, 49, 0, 0, 0, 255, 2, 0, 7, 8, 9];
        int[] laid = [227, 177, 152, 255, 255, 255, 255, 156, 155, 7, 8, 9];

        AssertPixels(divided, laid, Tiff(1, multiplied));
        AssertPixels(divided, laid, Tiff(1, multiplied, bits: 16));
    }

    [Fact]
    public void TiffWithAnotherBandHasNoAlpha() => AssertPixels(Stored, Stored, Tiff(0, Rgba));

    [Fact]
    public void GifHasTheColorsOfItsPalette()
    {
        int[] colors = [255, 0, 0, 0, 0, 255, 0, 128, 0, 0, 0, 255];
        AssertPixels(colors, colors, Gif(transparent: 2, 2, 2));

        // Beside the frame: the transparent entry, or the first one.
        int[] wide = [255, 0, 0, 0, 0, 255, 0, 0, 255, 0, 128, 0, 0, 0, 255, 0, 0, 255];
        AssertPixels(wide, wide, Gif(transparent: 2, 3, 2));
        int[] first = [255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 128, 0, 0, 0, 255, 255, 0, 0];
        AssertPixels(first, first, Gif(transparent: null, 3, 2));
    }

    [Fact]
    public void AlphaTurnsWithTheImageAndIsCutWithIt()
    {
        RgbImage image = ImageFile.Read(Png(8, 6, Rgba));

        Assert.Equal((255, 255, 255), image.Crop(1, 0, 1, 2).OverWhite()[0, 0]);
        Assert.Equal((7, 8, 9), image.Crop(1, 0, 1, 2).OverWhite()[0, 1]);
        byte[] turned = [.. Rgba[8..12], .. Rgba[0..4], .. Rgba[12..16], .. Rgba[4..8]];
        Assert.Equal(ImageFile.Read(Png(8, 6, turned)), ImageFile.Read(Png(8, 6, Rgba, ("eXIf", Orientation(6)))));
    }

    [Fact]
    public void APngKeepsAlphaAndOpaqueImagesHaveNone()
    {
        RgbImage image = ImageFile.Read(Png(8, 6, Rgba));
        RgbImage opaque = ImageFile.Read(Png(8, 6, [1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255, 10, 11, 12, 255]));

        Assert.Equal(image, ImageFile.Read(ImageFile.Encode(image, ImageFormat.Png)));
        Assert.NotEqual(image, RgbImage.FromBytes(image.Pixels, 2, 2));
        Assert.True(opaque.Alpha.IsEmpty);
        Assert.Same(opaque, opaque.OverWhite());
    }

    [Fact]
    public void QuestionsAreLaidOverWhiteAndEditsAreNot()
    {
        RgbImage image = ImageFile.Read(Png(8, 6, [.. Enumerable.Repeat((byte[])[0, 0, 0, 0], 4).SelectMany(pixel => pixel)]));

        Assert.Equal((255, 255, 255), ImageFitting.FetchImage(image)[0, 0]);
        Assert.Equal((255, 255, 255), ImageFitting.ForUnderstanding(image)[0, 0]);
        Assert.Equal((0, 0, 0), ImageFitting.BoundImage(image)[0, 0]);
        Assert.Equal((0, 0, 0), ImageFitting.CoverCrop(image, 4, 4)[0, 0]);
    }

    [Fact]
    public void AlphaIsResizedWhereItIsKept()
    {
        RgbImage image = ImageFile.Read(Png(8, 6, [1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 255, 1, 2, 3, 255]));
        RgbImage large = Resampler.ResizeWithAlpha(image, 2, 8, ResampleFilter.Bilinear);

        Assert.Equal((255, 255, 255), large.OverWhite()[0, 0]);
        Assert.Equal((1, 2, 3), large.OverWhite()[0, 7]);
        Assert.True(Resampler.Resize(image, 2, 8).Alpha.IsEmpty);
    }

    private static void AssertPixels(int[] stored, int[] laid, byte[] file)
    {
        RgbImage image = ImageFile.Read(file);
        Assert.Equal(stored, image.Pixels.ToArray().Select(level => (int)level));
        Assert.Equal(laid, image.OverWhite().Pixels.ToArray().Select(level => (int)level));
    }

    // Two rows of two pixels.
    private static byte[] Png(int depth, int colorType, byte[] levels, params (string Name, byte[] Data)[] chunks)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        Chunk(file, "IHDR", [0, 0, 0, 2, 0, 0, 0, 2, (byte)depth, (byte)colorType, 0, 0, 0]);
        foreach ((string name, byte[] data) in chunks)
        {
            Chunk(file, name, data);
        }

        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            int row = levels.Length / 2;
            zlib.Write([0, .. levels[..row], 0, .. levels[row..]]);
        }

        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string name, byte[] data)
    {
        byte[] content = [.. System.Text.Encoding.ASCII.GetBytes(name), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(content));
        file.Write(number);
    }

    private static byte[] Orientation(byte value) =>
        [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0];

    private static byte[] Tiff(int? extraSamples, byte[] rgba, int bits = 8)
    {
        const int Pixels = 256, Bits = 240;
        byte[] levels = bits == 8 ? rgba : [.. rgba.SelectMany(level => (byte[])[0, level])];
        List<(int Tag, int Type, int Count, int Value)> tags =
        [
            (256, 3, 1, 2), (257, 3, 1, 2), (258, 3, 4, Bits), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, Pixels),
            (277, 3, 1, 4), (278, 3, 1, 2), (279, 4, 1, levels.Length), (284, 3, 1, 1),
        ];
        if (extraSamples is { } extra)
        {
            tags.Add((338, 3, 1, extra));
        }

        var file = new byte[Pixels + levels.Length];
        ((byte[])[(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, (byte)tags.Count, 0]).CopyTo(file, 0);
        foreach ((int i, (int tag, int type, int count, int value)) in tags.Index())
        {
            Span<byte> entry = file.AsSpan(10 + (12 * i), 12);
            BinaryPrimitives.WriteInt16LittleEndian(entry, (short)tag);
            BinaryPrimitives.WriteInt16LittleEndian(entry[2..], (short)type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], count);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], value);
        }

        for (int i = 0; i < 4; i++)
        {
            file[Bits + (2 * i)] = (byte)bits;
        }

        levels.CopyTo(file, Pixels);
        return file;
    }

    // A frame of two rows of two pixels, entries 0, 2, 1, 2, on a larger or equal screen.
    private static byte[] Gif(byte? transparent, byte width, byte height) =>
        [
            .. "GIF89a"u8, width, 0, height, 0, 0x81, 0, 0,
            255, 0, 0, 0, 128, 0, 0, 0, 255, 1, 2, 3,
            0x21, 0xF9, 4, (byte)(transparent is null ? 0 : 1), 0, 0, transparent ?? 0, 0,
            0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0,
            2, 3, 0x84, 0x18, 0x15, 0,
            0x3B,
        ];

    private const string WebP =
        "UklGRoQAAABXRUJQVlA4THcAAAAvb8AbEA8wHmM+HvMf8HDbSJLj7AuS5oWwoXxof6F9KBfCmtRtLDjUyovo/wTYnz9cOyNVGJQGRQlwZQuTco"
        + "RZOQMKQHeppuFWS9rcqqXyGJH8fbVUHmNJm1vVNNzKUiecAROPMCtbmJQAVxoUpcKg2BmTw7X/OAA=";
}
