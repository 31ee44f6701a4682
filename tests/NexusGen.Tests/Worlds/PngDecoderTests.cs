using NexusGen.Worlds.Core;
using NexusGen.Worlds.Rendering;
using NexusGen.Worlds.Things;

namespace NexusGen.Tests.Worlds;

/// <summary>Reading the embedded sheets.</summary>
public sealed class PngDecoderTests
{
    [Fact]
    public void WhatTheEncoderWritesIsRead()
    {
        Dice dice = new(1, 1);
        Picture picture = new(17, 9, [.. Enumerable.Range(0, 3 * 17 * 9).Select(_ => (byte)dice.Below(256))]);
        (int width, int channels, byte[] pixels) = PngDecoder.Decode(PngEncoder.Encode(picture));
        Assert.Equal((17, 3), (width, channels));
        Assert.Equal(picture.Rgb, pixels);
    }

    // 4x5 RGBA pixels, byte i is 7·i² modulo 256, each row with another of the five filters.
    [Fact]
    public void AllFiltersAreUndone()
    {
        byte[] file = Convert.FromBase64String(AllFilters);
        (int width, int channels, byte[] pixels) = PngDecoder.Decode(file);
        Assert.Equal((4, 4), (width, channels));
        Assert.Equal(Enumerable.Range(0, 80).Select(i => (byte)(i * i * 7)), pixels);
    }

    [Fact]
    public void OtherKindsAreRefused()
    {
        byte[] file = ThingCatalogue.Resource("Things/Sprites/fixed-32.png");
        file[8 + 8 + 9] = 3;
        Assert.Throws<InvalidDataException>(() => PngDecoder.Decode(file));
    }

    private const string AllFilters =
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAFCAYAAABirU3bAAAAHklEQVR42mNgYJexL1j/J/yA+R7/D/Nj1BkZnt+5/0EjYcZhr2Oz"
        + "AAAAN0lEQVQFDoeKDS8UIpgYHhxY0JDgoACjmRlc+B7scAmIefGloWeGioENC1imY4FEQAeQznC4AQAfByVnIL9O2AAAAABJRU5E"
        + "rkJggg==";
}
