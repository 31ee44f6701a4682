using NexusGen.Core;
using NexusGen.Diffusion.Sampling;

namespace NexusGen.Tests.Diffusion;

public class ImageSizeTests
{
    [Theory]
    [InlineData(512, 512, 512, 512)]
    [InlineData(50, 60, 64, 64)]
    [InlineData(1, 17, 16, 32)]
    [InlineData(8192, 8191, 8192, 8192)]
    public void SidesAreRoundedUp(int width, int height, int roundedWidth, int roundedHeight) =>
        Assert.Equal(new ImageSize(roundedWidth, roundedHeight), ImageSize.RoundedUp(width, height));

    [Theory]
    [InlineData(0, 16, "width is 0")]
    [InlineData(16, -16, "height is -16")]
    [InlineData(16, 8193, "height is 8193")]
    [InlineData(int.MaxValue, 16, "width is 2147483647")]
    public void SidesOutOfRangeAreRefused(int width, int height, string said) =>
        Assert.Contains(
            said,
            Assert.Throws<NexusGenException>(() => ImageSize.RoundedUp(width, height)).Message,
            StringComparison.Ordinal);
}
