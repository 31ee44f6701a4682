using NexusGen.Diffusion.Flux;
using NexusGen.Tests.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>How FLUX's weights are stored and changed is no affair of the transformer: any format and low-rank changes serve it.</summary>
public sealed class FluxWeightsTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();

    public void Dispose()
    {
        _inference.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void EveryInputMatters()
    {
        using FluxTransformer model = SmallFlux.Build();
        DiffusionCondition c = SmallFlux.Condition(1);
        Tensor latents = randn([1, 16, 6, 4], generator: new Generator(5));
        Tensor Velocity(Tensor? x = null, float t = 500, Tensor? context = null, Tensor? pooled = null, float g = 3.5f, Tensor? ids = null) => model.Forward(
            x ?? latents, tensor(new[] { t }), context ?? c.Context, pooled ?? c.Pooled, tensor(new[] { g }), ids ?? c.TextIds);
        Tensor basis = Velocity();
        foreach (Tensor other in (Tensor[])[
            Velocity(latents.flip(3)), Velocity(t: 510), Velocity(context: c.Context.flip(1)), Velocity(pooled: c.Pooled * 1.1), Velocity(g: 3), Velocity(ids: c.TextIds + 1)])
        {
            Assert.InRange(SmallFlux.Error(other, basis), 1e-5, 10);
        }
    }

    [Fact]
    public void EightBitsHalveTheLinearLayersAndChangeTheVelocityLittle()
    {
        LoadOptions bf16 = new(new(CPU, ScalarType.BFloat16));
        using FluxTransformer wide = SmallFlux.Build(bf16), narrow = SmallFlux.Build(bf16 with { LinearFormat = DenseFormat.Float8 }), exact = SmallFlux.Build();
        Assert.Equal(LinearBytes(wide) / 2, LinearBytes(narrow));
        Assert.Equal(wide.ByteLength - (LinearBytes(wide) / 2), narrow.ByteLength);
        Tensor expected = Velocity(exact), dense = Velocity(wide), eight = Velocity(narrow);
        Assert.Equal(ScalarType.BFloat16, eight.dtype);
        Assert.InRange(SmallFlux.Error(dense, expected), 1e-5, 0.03);
        Assert.InRange(SmallFlux.Error(eight, expected), 1e-3, 0.15);
    }

    [Fact]
    public void ANewFormatServesTheWholeTransformer()
    {
        using FluxTransformer toy = SmallFlux.Build(LoadOptions.Reference with { LinearFormat = new TernaryFormat() }), dense = SmallFlux.Build();
        Tensor before = Velocity(dense);
        foreach ((Linear narrow, Linear wide) in Linears(toy).Zip(Linears(dense)))
        {
            Assert.Equal(wide.Path, narrow.Path);
            Assert.Single(wide.Weight.Parameters).Replace(narrow.Weight.Widen(ScalarType.Float32));
        }

        Tensor expected = Velocity(dense);
        Assert.InRange(SmallFlux.Error(Velocity(toy), expected), 0, 1e-6);
        Assert.InRange(SmallFlux.Error(before, expected), 1e-2, 100);
    }

    [Fact]
    public void LowRankChangesOfAllLinearLayersEqualMergedWeights()
    {
        using FluxTransformer changed = SmallFlux.Build(), merged = SmallFlux.Build();
        Tensor before = Velocity(changed);
        List<(Linear Layer, LinearDelta Delta)> deltas = [];
        foreach ((Linear layer, Linear target) in Linears(changed).Zip(Linears(merged)))
        {
            var delta = new LinearDelta(randn([4, layer.InFeatures]) * 0.05, randn([layer.OutFeatures, 4]) * 0.05, 0.7);
            layer.Add(delta);
            deltas.Add((layer, delta));
            Parameter weight = Assert.Single(target.Weight.Parameters);
            weight.Replace(weight.Value + (delta.Up.matmul(delta.Down) * 0.7));
        }

        // One in every place that a matrix product has: 2·5 for a double block's streams, 3 for a single block's, and the ends.
        Assert.Equal((2 * 2 * 5) + (3 * 3) + 2 + (3 * 2) + 2, deltas.Count);
        Tensor expected = Velocity(merged);
        Assert.InRange(SmallFlux.Error(Velocity(changed), expected), 0, 1e-5);
        Assert.InRange(SmallFlux.Error(before, expected), 1e-3, 100);
        Assert.All(deltas, item => Assert.True(item.Layer.Remove(item.Delta)));
        Assert.True(SmallFlux.Same(before, Velocity(changed)));
    }

    /// <summary>The velocity of three different pictures.</summary>
    private static Tensor Velocity(FluxTransformer model) => SmallFlux.Inputs(3).Through(model);

    private static Linear[] Linears(Module model) => [.. model.Descendants.OfType<Linear>()];

    private static long LinearBytes(Module model) => Linears(model).Sum(linear => linear.Weight.Parameters.Sum(parameter => parameter.ByteLength));
}
