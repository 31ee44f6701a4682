using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Autoregressive;

/// <summary>Tests of the vision encoder beyond the reference cases.</summary>
public sealed class VisionEncoderTests : InferenceTest
{
    private static readonly VisionConfiguration Sizes = SmallModel.Configuration.Vision;

    [Fact]
    public void SeveralPicturesAtOnceAreSeenAsEachAlone()
    {
        using VisionEncoder encoder = Create();
        GridThw[] grids = [new(1, 18, 10), new(1, 4, 4), new(2, 10, 18), new(1, 8, 8), new(1, 2, 2)];
        Tensor[] pixels = [.. grids.Select(grid => Pixels(grid))];
        Tensor together = encoder.Forward(cat(pixels, 0), grids);
        SmallModel.AssertClose(cat([.. grids.Zip(pixels, (grid, own) => encoder.Forward(own, [grid]))], 0), together);
    }

    [Fact]
    public void EqualsAttentionUnderAWholeMask()
    {
        // The official way: all patches at once, with a mask that lets a patch attend to its own window or its own frame.
        using VisionEncoder encoder = Create();
        var grid = new GridThw(1, 22, 14);
        Tensor pixels = Pixels(grid), before = encoder.Forward(pixels, [grid]);

        // A distant patch has an effect only through the block that attends to the full image; without such a block it must have
        // none.
        using VisionEncoder windowed = Create(Sizes with { FullattBlockIndexes = [] });
        Tensor alone = windowed.Forward(pixels, [grid]);
        pixels.narrow(0, 0, 4).mul_(-1);
        Tensor changed = (windowed.Forward(pixels, [grid]) - alone).abs().amax([1]);
        long[] touched = changed.gt(0).nonzero().flatten().data<long>().ToArray();

        // Rows of 7 embeddings; the first window consists of the first 4 embeddings of the first 4 rows.
        Assert.Equal([0L, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 17, 21, 22, 23, 24], touched);
        Assert.Equal(77, (encoder.Forward(pixels, [grid]) - before).abs().amax([1]).gt(0).sum().item<long>());
    }

    [Fact]
    public void PatchesThatAreNotTheGridsAreRefused()
    {
        using VisionEncoder encoder = Create();
        Tensor pixels = Pixels(new GridThw(1, 4, 4));
        Assert.Contains(
            "[16, 1176]",
            Assert.Throws<NexusGenException>(() => encoder.Forward(pixels, [new GridThw(1, 4, 8)])).Message);
        Assert.Contains(
            "multiples of 2",
            Assert.Throws<NexusGenException>(() => encoder.Forward(pixels, [new GridThw(1, 16, 1)])).Message);
        Assert.Contains("0 grids", Assert.Throws<NexusGenException>(() => encoder.Forward(pixels, [])).Message);
    }

    [Fact]
    public void ItsWeightsLearn()
    {
        using IDisposable training = enable_grad();
        using VisionEncoder encoder = Create();
        foreach (Parameter parameter in encoder.Parameters)
        {
            parameter.Value.requires_grad_();
        }

        encoder.Forward(Pixels(new GridThw(1, 10, 6)), [new GridThw(1, 10, 6)]).pow(2).mean().backward();
        Assert.All(
            encoder.Parameters, parameter => Assert.True(parameter.Value.grad?.abs().sum().item<float>() > 0, parameter.Name));
    }

    private static VisionEncoder Create(VisionConfiguration? sizes = null) =>
        new(new WeightSource(new RandomWeights(11), LoadOptions.Reference), sizes ?? Sizes);

    private static Tensor Pixels(GridThw grid) =>
        randn([grid.Patches, Sizes.PatchLength], generator: new Generator((ulong)grid.Patches));
}
