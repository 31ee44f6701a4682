using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>How many operations products take, forward and for their gradients.</summary>
public sealed class OperationCountTests
{
    private static readonly WeightSource Weights = new(new RandomWeights(1), LoadOptions.Reference);

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 2)]
    [InlineData(true, true, 3)]
    public void ALayerCostsAgainForEachGradient(bool weight, bool input, int passes)
    {
        using var scope = NewDisposeScope();
        using var layer = new Linear(Weights["layer"], 6, 10);
        layer.Parameters.First(parameter => parameter.Name.EndsWith("weight", StringComparison.Ordinal)).Value.requires_grad = weight;
        using var count = new OperationCount();
        layer.Forward(ones(2, 5, 6, requires_grad: input));
        Assert.Equal(2.0 * 2 * 5 * 6 * 10 * passes, count.Total);
        using IDisposable frozen = no_grad();
        layer.Forward(ones(5, 6, requires_grad: input));
        Assert.Equal((2.0 * 2 * 5 * 6 * 10 * passes) + (2 * 5 * 6 * 10), count.Total);
    }

    [Fact]
    public void ConvolutionsAndAttentionAreCountedByTheirProducts()
    {
        using var scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using var convolution = new Conv2d(Weights["convolution"], 3, 8, 3, stride: 2, padding: 1);
        using var outer = new OperationCount();
        using (var count = new OperationCount())
        {
            convolution.Forward(ones(2, 3, 6, 8));
            Assert.Equal(2.0 * (2 * 8 * 3 * 4) * (3 * 3 * 3), count.Total);
        }

        double before = outer.Total;
        Tensor query = ones(1, 4, 6, 8), key = ones(1, 2, 6, 8);
        Ops.Attention(query, key, key);
        double attention = outer.Total - before;
        Assert.Equal(2.0 * 2 * 4 * 6 * 6 * 8, attention);
        Ops.Attention(query, key, key, causal: true);
        Assert.Equal(before + (1.5 * attention), outer.Total);
    }

    [Fact]
    public void NothingIsCountedWhenNobodyAsks()
    {
        using var scope = NewDisposeScope();
        var count = new OperationCount();
        count.Dispose();
        using var layer = new Linear(Weights["layer"], 6, 10);
        layer.Forward(ones(5, 6));
        Assert.False(OperationCount.IsOpen);
        Assert.Equal(0, count.Total);
    }
}
