using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

public class RopeTests
{
    private const int Image = SmallModel.ImageToken;

    [Fact]
    public void PicturesStandStillInTimeAndTextGoesOnBehindTheLargest()
    {
        (long[][] positions, long next) = RopeIndex.Of(
            [1, Image, Image, Image, Image, Image, Image, 2, Image, 3], [new(1, 4, 6), new(1, 2, 2)], Image);
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 4, 5, 6], positions[0]);
        Assert.Equal([0, 1, 1, 1, 2, 2, 2, 4, 5, 6], positions[1]);
        Assert.Equal([0, 1, 2, 3, 1, 2, 3, 4, 5, 6], positions[2]);
        Assert.Equal(7, next);
    }

    [Fact]
    public void NeighbouringPicturesAreToldApart()
    {
        List<(int Start, GridThw Grid)> places = RopeIndex.FindImages(
            [Image, Image, Image, 5], [new(1, 2, 4), new(1, 2, 2)], Image);
        Assert.Equal([(0, new GridThw(1, 2, 4)), (2, new GridThw(1, 2, 2))], places);
    }

    [Fact]
    public void TheErrorsOfASequence()
    {
        Refused(() => RopeIndex.Of([1, Image], [], Image), "image tokens at 1, but only 0 pictures");
        Refused(() => RopeIndex.Of([1, Image], [new(1, 2, 4)], Image), "takes 2 image tokens", "fewer at 1");
        Refused(() => RopeIndex.Of([Image, 1, Image], [new(1, 2, 4)], Image), "takes 2 image tokens", "fewer at 0");
        Refused(() => RopeIndex.Of([1], [new(1, 2, 2)], Image), "1 pictures were given, but the sequence has image tokens for 0");
    }

    [Fact]
    public void ABatchSharesItsGridsOutByRowAndMasksWhatIsPadded()
    {
        using var scope = NewDisposeScope();
        LanguageModelConfiguration c = SmallModel.Configuration;
        Tensor ids = tensor(new long[,] { { 7, 7, 3, Image, Image, 4 }, { Image, 9, Image, Image, Image, Image } });
        Tensor mask = tensor(new long[,] { { 0, 0, 1, 1, 1, 1 }, { 1, 1, 1, 1, 1, 1 } });
        (Tensor positions, Tensor deltas) = RopeBatch.Of(ids, mask, [new(1, 2, 4), new(1, 2, 2), new(1, 4, 4)], c);
        Assert.Equal([1L, 1, 0, 1, 1, 3], positions[2][0].data<long>().Select((value, i) => i == 4 ? value - 1 : value));
        Assert.Equal([0L, 1, 2, 3, 2, 3], positions[2][1].data<long>());
        Assert.Equal([0L, 1, 2, 2, 3, 3], positions[1][1].data<long>());
        Assert.Equal([4L - 6, 4 - 6], deltas.flatten().data<long>());
        Refused(() => RopeBatch.Of(ids, mask, [new(1, 2, 4), new(1, 2, 2)], c), "image tokens at 2, but only 1 pictures");
        Refused(() => RopeBatch.Of(ids, mask, [new(1, 4, 4), new(1, 2, 2)], c), "takes 4 image tokens");
    }

    [Fact]
    public void SectionsMustMakeUpAHead()
    {
        foreach (int[] sections in (int[][])[[1, 1], [1, 1, 1], [-1, 2, 3], [4, 0, 0, 0], [int.MaxValue, int.MaxValue, 6]])
        {
            Refused(() => _ = new RotaryEmbedding(8, 10000, sections), "mrope_section", "4 frequencies", "width 8");
        }
    }

    private static void Refused(Action action, params string[] parts)
    {
        string message = Assert.Throws<NexusGenException>(action).Message;
        Assert.All(parts, part => Assert.Contains(part, message));
    }
}
