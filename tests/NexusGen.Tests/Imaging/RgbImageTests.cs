using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class RgbImageTests
{
    [Fact]
    public void KeepsACopyOfItsBytes()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6];
        RgbImage image = RgbImage.FromBytes(bytes, 2, 1);
        bytes[0] = 99;
        Assert.Equal((1, 2, 3), image[0, 0]);
        Assert.Equal((4, 5, 6), image[1, 0]);
        Assert.Equal("2×1", image.ToString());
    }

    [Theory]
    [InlineData(6, 1, 1)]
    [InlineData(6, 0, 1)]
    [InlineData(6, -1, -2)]
    [InlineData(0, 0, 0)]
    [InlineData(6, int.MaxValue, int.MaxValue)]
    public void BytesMustFitTheSize(int bytes, int width, int height) =>
        Assert.Throws<ImagingException>(() => RgbImage.FromBytes(new byte[bytes], width, height));

    [Fact]
    public void EqualityIsThatOfContent()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6];
        RgbImage image = RgbImage.FromBytes(bytes, 2, 1);
        Assert.Equal(image, RgbImage.FromBytes(bytes, 2, 1));
        Assert.Equal(image.GetHashCode(), RgbImage.FromBytes(bytes, 2, 1).GetHashCode());
        Assert.NotEqual(image, RgbImage.FromBytes(bytes, 1, 2));
        Assert.NotEqual(image, RgbImage.FromBytes([1, 2, 3, 4, 5, 7], 2, 1));
        Assert.False(image.Equals(null));
    }

    [Fact]
    public void CropTakesThePart()
    {
        RgbImage image = Pictures.Of(5, 4, (x, y) => (x, y, 0));
        Assert.Equal(Pictures.Of(2, 3, (x, y) => (x + 3, y + 1, 0)), image.Crop(3, 1, 2, 3));
        Assert.Throws<ImagingException>(() => image.Crop(4, 0, 2, 1));
        Assert.Throws<ImagingException>(() => image.Crop(-1, 0, 2, 1));
        Assert.Throws<ImagingException>(() => image.Crop(1, 1, 0, 1));
        Assert.Throws<ImagingException>(() => image.Crop(1, 1, int.MaxValue, 1));
    }

    [Fact]
    public void PlacesOutsideAreRefused()
    {
        RgbImage image = Pictures.Noise(2, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => image[2, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => image[0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => image[-1, 0]);
    }
}
