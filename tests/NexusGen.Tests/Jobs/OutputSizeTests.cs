using NexusGen.Core;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Jobs;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Tests.Jobs;

public sealed class OutputSizeTests
{
    private static readonly NexusGenConfiguration Few = NexusGenConfiguration.Official with
    {
        Sizes = [new(224, 224), new(448, 448), new(320, 192)]
    };

    [Theory]
    [InlineData(224, 224, 224, 224)]
    [InlineData(512, 512, 448, 448)]
    [InlineData(64, 64, 224, 224)]
    [InlineData(300, 200, 320, 192)]
    [InlineData(200, 300, 224, 224)]
    [InlineData(333, 301, 224, 224)]
    public void TheNearestDeclaredSizeIsGenerated(int width, int height, int generatedWidth, int generatedHeight)
    {
        var size = OutputSize.Of(new ImageSettings { Width = width, Height = height }, Few, Few.Defaults.Generate);

        Assert.Equal(new PixelSize(generatedWidth, generatedHeight), size.Generated.Pixels);
        Assert.Equal(new PixelSize(width, height), size.Final);
        Assert.Equal((width, height) != (generatedWidth, generatedHeight), size.IsResized);
    }

    [Fact]
    public void AnotherSizeIsRefusedIfTheExactOneIsAskedFor()
    {
        var settings = new ImageSettings { Width = 512, Height = 512, Fit = SizeFit.Exact };

        Assert.Equal(
            "The model does not generate images of 512×512, only of 224×224, 448×448, 320×192; choose such a size, or let the "
            + "image be resized.",
            Assert.Throws<NexusGenException>(() => OutputSize.Of(settings, Few, Few.Defaults.Generate)).Message);
        Assert.False(OutputSize.Of(settings with { Width = 448, Height = 448 }, Few, Few.Defaults.Generate).IsResized);
    }

    [Fact]
    public void AModelWithoutDeclaredSizesRoundsUpToItsLatentPatches()
    {
        var settings = new ImageSettings { Width = 500, Height = 33, Fit = SizeFit.Exact };

        var official = NexusGenConfiguration.Official;
        Assert.Equal(new PixelSize(512, 48), OutputSize.Of(settings, official, official.Defaults.Generate).Final);
        var coarse = NexusGenConfiguration.Official with
        {
            Autoencoder = AutoencoderConfiguration.Flux with { ChMult = [1, 2, 4, 4, 4] }
        };
        Assert.Equal(new PixelSize(512, 64), OutputSize.Of(settings, coarse, coarse.Defaults.Generate).Final);
    }

    [Fact]
    public void ContainKeepsAllAndRepeatsTheBorder()
    {
        var image = RgbImage.FromBytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9], 2, 2);

        RgbImage wide = Fit(image, 6, 2, SizeFit.Contain);

        Assert.Equal((6, 2), (wide.Width, wide.Height));
        for (int x = 0; x < 6; x++)
        {
            Assert.Equal(image[x < 3 ? 0 : 1, 0], wide[x, 0]);
            Assert.Equal(image[x < 3 ? 0 : 1, 1], wide[x, 1]);
        }

        RgbImage high = Fit(image, 2, 5, SizeFit.Contain);
        Assert.Equal(image[1, 0], high[1, 0]);
        Assert.Equal(image[1, 1], high[1, 4]);
    }

    [Fact]
    public void CoverCutsTheEdges()
    {
        var image = RgbImage.FromBytes([.. Enumerable.Range(0, 4 * 4 * 3).Select(i => (byte)i)], 4, 4);

        RgbImage wide = Fit(image, 4, 2, SizeFit.Cover);

        Assert.Equal(image.Crop(0, 1, 4, 2), wide);
    }

    private static RgbImage Fit(RgbImage image, int width, int height, SizeFit fit) =>
        new OutputSize(new(image.Width, image.Height), new(width, height), fit).Apply(image);
}
