using NexusGen.Diffusion.Flux;
using NexusGen.Tests.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>
/// The transformer doesn't depend on how its weights are stored or changed: any format and low-rank deltas work.
/// </summary>
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
        Tensor Velocity(
            Tensor? x = null,
            float t = 500,
            Tensor? context = null,
            Tensor? pooled = null,
            float g = 3.5f,
            Tensor? ids = null) =>
            model.Forward(
                x ?? latents,
                tensor(new[] { t }),
                context ?? c.Context,
                pooled ?? c.Pooled,
                tensor(new[] { g }),
                ids ?? c.TextIds);
        Tensor basis = Velocity();
        foreach (Tensor other in (Tensor[])[
            Velocity(latents.flip(3)), Velocity(t: 510), Velocity(context: c.Context.flip(1)),
            Velocity(pooled: c.Pooled * 1.1), Velocity(g: 3), Velocity(ids: c.TextIds + 1)])
        {
            Assert.InRange(SmallFlux.Error(other, basis), 1e-5, 10);
        }
    }

    [Fact]
    public void EightBitsHalveTheLinearLayersAndChangeTheVelocityLittle()
    {
        LoadOptions bf16 = new(new(CPU, ScalarType.BFloat16));
        using FluxTransformer wide = SmallFlux.Build(bf16),
            narrow = SmallFlux.Build(bf16 with { LinearFormat = DenseFormat.Float8 }),
            exact = SmallFlux.Build();
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
        using FluxTransformer toy = SmallFlux.Build(LoadOptions.Reference with { LinearFormat = new TernaryFormat() }),
            dense = SmallFlux.Build();
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

    // On every storage format, with the blocks in memory or read again at each use: as weights that were merged, and afterwards
    // as if nothing had been.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void LowRankChangesOfAllLinearLayersEqualMergedWeights(bool eight, bool streamed)
    {
        long largest = 0;
        using (FluxTransformer sizes = SmallFlux.Build())
        {
            largest = sizes.Descendants.Where(module => module is DoubleStreamBlock or SingleStreamBlock)
                .Max(block => block.ByteLength);
        }

        using var residency = new BlockResidency(2 * largest);
        LoadOptions options = LoadOptions.Reference with { LinearFormat = eight ? DenseFormat.Float8 : DenseFormat.Instance };
        using FluxTransformer changed = SmallFlux.Build(options with { Residency = streamed ? residency : null }),
            merged = SmallFlux.Build(options), plain = SmallFlux.Build(options);
        using var generator = new Generator(3);
        var deltas = new LinearDeltas();
        int count = 0;
        foreach (Linear layer in Linears(merged))
        {
            Tensor down = randn([4, layer.InFeatures], generator: generator) * 0.05,
                up = randn([layer.OutFeatures, 4], generator: generator) * 0.05;
            deltas.Add(layer.Path, new LowRankDelta(down, up, 0.7), 1);
            Parameter weight = Assert.Single(layer.Weight.Parameters);
            weight.Replace(weight.Value.to(ScalarType.Float32) + (up.matmul(down) * 0.7));
            count++;
        }

        // One for every matrix product: 2·5 for the streams of a double block, 3 for a single block, and those at both ends.
        Assert.Equal((2 * 2 * 5) + (3 * 3) + 2 + (3 * 2) + 2, count);
        Tensor before = Velocity(changed), expected = Velocity(merged), with;
        using (DeltaScope.Enter(deltas))
        {
            with = Velocity(changed);
        }

        Assert.InRange(SmallFlux.Error(with, expected), 0, 1e-5);
        Assert.InRange(SmallFlux.Error(before, expected), 1e-3, 100);
        Assert.True(SmallFlux.Same(before, Velocity(changed)));
        Assert.True(SmallFlux.Same(before, Velocity(plain)));
    }

    /// <summary>The velocity of three different images.</summary>
    private static Tensor Velocity(FluxTransformer model) => SmallFlux.Inputs(3).Through(model);

    private static Linear[] Linears(Module model) => [.. model.Descendants.OfType<Linear>()];

    private static long LinearBytes(Module model) =>
        Linears(model).Sum(linear => linear.Weight.Parameters.Sum(parameter => parameter.ByteLength));
}
