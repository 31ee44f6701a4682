using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class ImagePlaceholdersTests
{
    private const string Pad = SpecialTokens.ImagePad;

    [Fact]
    public void EachMarkerGetsItsImagesTokens()
    {
        string text = $"a{SpecialTokens.Image}b{SpecialTokens.Image}";
        string expected = $"a<|vision_start|>{Pad}{Pad}{Pad}<|vision_end|>b<|vision_start|>{Pad}<|vision_end|>";
        Assert.Equal(expected, ImagePlaceholders.Expand(text, [3, 1]));
        Assert.Equal("none", ImagePlaceholders.Expand("none", []));
    }

    [Fact]
    public void IdsExpandAsTextDoes() =>
        Assert.Equal([7, 9, 9, 9, 8, 7, 8, 7, 9, 8], ImagePlaceholders.Expand([7, 9, 8, 7, 9, 8, 7, 9, 8], 9, [3, 0, 1]));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void MarkersAndImagesMustAgree(int images)
    {
        int[] counts = [.. Enumerable.Repeat(4, images)];
        TokenizerException error = Assert.Throws<TokenizerException>(() => ImagePlaceholders.Expand(Pad + Pad, counts));
        Assert.Contains("2 image(s)", error.Message);
        Assert.Contains($"{images} image(s) are given", error.Message);
        Assert.Throws<TokenizerException>(() => ImagePlaceholders.Expand([9, 9], 9, counts));
    }

    [Fact]
    public void NegativeCountsAreRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ImagePlaceholders.Expand(Pad, [-1]));

    [Fact]
    public void AGridHasATokenForFourPatches() => Assert.Equal(81, ImagePlaceholders.TokenCount(1, 18, 18));
}
