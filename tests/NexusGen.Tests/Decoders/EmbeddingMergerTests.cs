using NexusGen.Core;
using NexusGen.Decoders;
using NexusGen.Imaging;
using NexusGen.Tests.Autoregressive;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

/// <summary>The merger beyond the reference cases.</summary>
public sealed class EmbeddingMergerTests : InferenceTest
{
    private static readonly int Width = SmallModel.Configuration.HiddenSize;

    [Fact]
    public void ThereIsNoCausalMask()
    {
        using EmbeddingMerger merger = Create(new GridThw(1, 72, 72));
        Tensor drawn = randn(1, 12, Width), source = randn(1, 6, Width);
        Tensor before = merger.Forward(drawn, new GridThw(1, 6, 8), source, new GridThw(1, 4, 6));
        source[0, 5, 0] += 3;
        Tensor changed = (merger.Forward(drawn, new GridThw(1, 6, 8), source, new GridThw(1, 4, 6)) - before).abs().amax([2]);
        Assert.Equal(18, changed.gt(0).sum().item<long>());
    }

    [Fact]
    public void OnlyPositionsRelativeToTheBaseGridCount()
    {
        // The same base as the picture's own grid puts its embeddings at 0, 1, 2…; twice the base at 0, 2, 4….
        Tensor drawn = randn(1, 12, Width);
        Tensor Of(GridThw at) => Create(at).Forward(drawn, new GridThw(1, 6, 8));
        Tensor own = Of(new GridThw(1, 6, 8));
        SmallModel.AssertClose(own, Of(new GridThw(9, 6, 8)));
        Assert.True((own - Of(new GridThw(1, 12, 16))).abs().max().item<float>() > 1e-4);
    }

    [Fact]
    public void EmbeddingsThatAreNotTheirGridsAreRefused()
    {
        using EmbeddingMerger merger = Create(new GridThw(1, 72, 72));
        Tensor drawn = randn(1, 12, Width);
        Assert.Contains("[batch, 15, 48]", Assert.Throws<NexusGenException>(() => merger.Forward(drawn, new GridThw(1, 6, 10))).Message);
        Assert.Contains("[1, 6, 7]", Assert.Throws<NexusGenException>(() => merger.Forward(drawn, new GridThw(1, 6, 8), drawn, new GridThw(1, 6, 7))).Message);
    }

    private static EmbeddingMerger Create(GridThw at) =>
        new(new WeightSource(new RandomWeights(2), LoadOptions.Reference), SmallModel.Configuration, layers: 2, outWidth: 20, expandRatio: 3, at);
}
