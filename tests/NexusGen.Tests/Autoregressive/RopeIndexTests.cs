using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of positions on three axes.</summary>
public sealed class RopeIndexTests : InferenceTest
{
    private const int Image = 9;

    [Fact]
    public void PicturesCountOnRowsAndColumns()
    {
        // Two words, an image of 2 by 3, a word, an image of 1 by 1, a word.
        int[] ids = [1, 2, Image, Image, Image, Image, Image, Image, 3, Image, 4];
        (long[][] positions, long next) = RopeIndex.Of(ids, [new GridThw(1, 4, 6), new GridThw(1, 2, 2)], Image);
        Assert.Equal([0, 1, 2, 2, 2, 2, 2, 2, 5, 6, 7], positions[0]);
        Assert.Equal([0, 1, 2, 2, 2, 3, 3, 3, 5, 6, 7], positions[1]);
        Assert.Equal([0, 1, 2, 3, 4, 2, 3, 4, 5, 6, 7], positions[2]);
        Assert.Equal(8, next);
    }

    [Fact]
    public void ImageTokensWithoutGridsAreRefused()
    {
        Assert.Contains(
            "0 pictures were given", Assert.Throws<NexusGenException>(() => RopeIndex.Of([1, Image], [], Image)).Message);
        Assert.Contains(
            "fewer", Assert.Throws<NexusGenException>(() => RopeIndex.Of([Image, 1], [new GridThw(1, 2, 4)], Image)).Message);
        Assert.Contains(
            "image tokens for 0",
            Assert.Throws<NexusGenException>(() => RopeIndex.Of([1, 2], [new GridThw(1, 2, 4)], Image)).Message);
    }

    [Theory]
    [InlineData(1, 3, 4)]
    [InlineData(1, 0, 4)]
    [InlineData(0, 2, 4)]
    [InlineData(1, -2, -4)]
    [InlineData(1, 4_000_000_000, 4_000_000_000)]
    public void AnImpossibleGridIsRefused(long t, long h, long w) =>
        Assert.Contains(
            "multiples of 2",
            Assert.Throws<NexusGenException>(() => RopeIndex.Of([Image, Image], [new GridThw(t, h, w)], Image)).Message);

    [Fact]
    public void WithoutPicturesTheLargestPositionIsThatOfAllPlaces()
    {
        // As in the official code: the position of a masked token is 1, which is larger than the 0 of the only token.
        LanguageModelConfiguration c = LanguageModelConfiguration.NexusGenV2;
        (Tensor positions, Tensor deltas) = RopeBatch.Of(
            tensor(new long[,] { { 5, 0, 0 }, { 5, 6, 7 } }), tensor(new long[,] { { 1, 0, 0 }, { 1, 1, 1 } }), [], c);
        Assert.Equal([0L, 1, 1, 0, 1, 2], positions[0].flatten().data<long>().ToArray());
        Assert.Equal([-1L, 0], deltas.flatten().data<long>().ToArray());
    }
}
