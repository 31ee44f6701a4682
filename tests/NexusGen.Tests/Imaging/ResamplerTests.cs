using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

public class ResamplerTests
{
    public static TheoryData<string> Cases => ReferenceCase.All("resize");

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsPillow(string name)
    {
        var reference = new ReferenceCase("resize", name);
        ResampleFilter filter = Enum.Parse<ResampleFilter>(reference.Input.GetProperty("filter").GetString()!, ignoreCase: true);

        RgbImage result = Resampler.Resize(
            ReferenceCase.Image(reference.Input.GetProperty("image")),
            reference.Input.GetProperty("width").GetInt32(),
            reference.Input.GetProperty("height").GetInt32(),
            filter);

        reference.AssertPicture(reference.ExpectedPicture("image"), result);
    }

    /// <summary>
    /// Sizes at which filters are cut off at the edges, rows end between vectors, and one pass or both are needed.
    /// </summary>
    [Theory]
    [InlineData(1, 1, 5, 3)]
    [InlineData(5, 3, 1, 1)]
    [InlineData(7, 5, 7, 11)]
    [InlineData(7, 5, 13, 5)]
    [InlineData(61, 47, 16, 90)]
    [InlineData(16, 90, 61, 7)]
    [InlineData(300, 2, 3, 40)]
    public void EqualsAPlainLoop(int width, int height, int newWidth, int newHeight)
    {
        RgbImage image = Pictures.Noise(width, height);
        foreach (ResampleFilter filter in Enum.GetValues<ResampleFilter>())
        {
            Assert.Equal(PlainResize(image, newWidth, newHeight, filter), Resampler.Resize(image, newWidth, newHeight, filter));
        }
    }

    [Fact]
    public void SameSizeIsTheSamePicture()
    {
        RgbImage image = Pictures.Noise(9, 4);
        Assert.Same(image, Resampler.Resize(image, 9, 4));
    }

    [Fact]
    public void FlatPicturesStayFlat()
    {
        RgbImage image = Pictures.Of(40, 30, (_, _) => (255, 0, 77));
        RgbImage result = Resampler.Resize(image, 17, 90);
        Assert.Equal(Pictures.Of(17, 90, (_, _) => (255, 0, 77)), result);
    }

    [Fact]
    public void RefusesWhatIsTooLarge()
    {
        var error = Assert.Throws<ImagingException>(() => Resampler.Resize(Pictures.Noise(2, 2), 100_000, 100_000));
        Assert.Contains("100000×100000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesUnusableArguments()
    {
        RgbImage image = Pictures.Noise(2, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(image, 0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(image, 5, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampler.Resize(image, 5, 5, (ResampleFilter)1));
    }

    /// <summary>Resizes in two complete scalar passes.</summary>
    private static RgbImage PlainResize(RgbImage image, int width, int height, ResampleFilter filter)
    {
        var columns = new ResampleWeights(image.Width, width, filter);
        RgbImage wide = width == image.Width
            ? image
            : Pictures.Of(width, image.Height, (x, y) => Mix(columns, x, i => image[i, y]));
        var rows = new ResampleWeights(image.Height, height, filter);
        return height == image.Height ? wide : Pictures.Of(width, height, (x, y) => Mix(rows, y, i => wide[x, i]));
    }

    private static (int Red, int Green, int Blue) Mix(
        ResampleWeights weights, int place, Func<int, (byte Red, byte Green, byte Blue)> at)
    {
        ReadOnlySpan<int> run = weights.For(place, out int first);
        int red = 1 << 21, green = red, blue = red;
        for (int i = 0; i < run.Length; i++)
        {
            (byte r, byte g, byte b) = at(first + i);
            red += r * run[i];
            green += g * run[i];
            blue += b * run[i];
        }

        return (Math.Clamp(red >> 22, 0, 255), Math.Clamp(green >> 22, 0, 255), Math.Clamp(blue >> 22, 0, 255));
    }
}
