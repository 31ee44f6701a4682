using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class ImageFittingTests
{
    public static TheoryData<string> CoverCrops => ReferenceCase.All("cover-crop");

    [Theory]
    [MemberData(nameof(CoverCrops))]
    public void CoverCropEqualsTheReference(string name)
    {
        var reference = new ReferenceCase("cover-crop", name);
        int size = reference.Input.GetProperty("size").GetInt32();

        RgbImage result = ImageFitting.CoverCrop(ReferenceCase.Image(reference.Input.GetProperty("image")), size, size);

        reference.AssertPicture(reference.ExpectedPicture("image"), result);
    }

    [Theory]
    [InlineData(10, 7, 10, 7)]
    [InlineData(30, 7, 10, 7)]
    [InlineData(7, 31, 10, 40)]
    public void CoverCropHasTheSizeAskedFor(int width, int height, int newWidth, int newHeight)
    {
        RgbImage result = ImageFitting.CoverCrop(Pictures.Noise(width, height), newWidth, newHeight);
        Assert.Equal((newWidth, newHeight), (result.Width, result.Height));
    }

    [Fact]
    public void CoverCropTakesTheMiddle()
    {
        RgbImage image = Pictures.Noise(30, 10);
        Assert.Equal(image.Crop(10, 0, 10, 10), ImageFitting.CoverCrop(image, 10, 10));
    }

    [Fact]
    public void CoverCropRefusesWhatWouldExplode() =>
        Assert.Throws<ImagingException>(() => ImageFitting.CoverCrop(Pictures.Noise(1, 60_000), 512, 512));

    [Fact]
    public void UnderstandingResizesTwice()
    {
        RgbImage image = Pictures.Noise(901, 377);
        RgbImage fetched = Resampler.Resize(image, 896, 364, ResampleFilter.Bicubic);
        Assert.Equal(fetched, ImageFitting.FetchImage(image));
        Assert.Equal(ImageFitting.BoundImage(fetched), ImageFitting.ForUnderstanding(image));
        Assert.NotEqual(ImageFitting.BoundImage(image), ImageFitting.ForUnderstanding(image));
    }

    [Fact]
    public void BoundHoldsTheLimit()
    {
        RgbImage result = ImageFitting.BoundImage(Pictures.Noise(1000, 700), 50_176);
        Assert.Equal((252, 168), (result.Width, result.Height));
    }
}
