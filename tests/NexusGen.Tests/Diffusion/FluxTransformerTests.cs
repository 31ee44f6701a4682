using NexusGen.Diffusion;
using NexusGen.Tests.Weights;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public sealed class FluxTransformerTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();

    public void Dispose()
    {
        _inference.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void EachRowHasItsOwnTimestepGuidanceAndPlaces()
    {
        using FluxTransformer model = SmallFlux.Create();
        Tensor latents = randn([3, 16, 6, 4], generator: new Generator(5));
        float[] timesteps = [900, 500, 17], guidance = [3.5f, 1, 2];
        DiffusionCondition condition = SmallFlux.Condition(3, 3);
        Tensor batch = SmallFlux.Velocity(model);
        for (int row = 0; row < 3; row++)
        {
            Tensor One(Tensor x) => x.narrow(0, row, 1);
            Tensor single = model.Forward(
                One(latents), tensor(timesteps[row..(row + 1)]), One(condition.Context), One(condition.Pooled), tensor(guidance[row..(row + 1)]), One(condition.TextIds));
            Assert.InRange(SmallFlux.Error(One(batch), single), 0, 1e-5);
        }
    }

    [Fact]
    public void EveryInputMatters()
    {
        using FluxTransformer model = SmallFlux.Create();
        DiffusionCondition c = SmallFlux.Condition(3);
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
    public void ATransformerWithoutGuidanceIgnoresIt()
    {
        using var model = new FluxTransformer(
            new WeightSource(new RandomWeights(21), LoadOptions.Reference), SmallFlux.Configuration with { GuidanceEmbed = false, QkvBias = false });
        Assert.DoesNotContain(model.Parameters, parameter => parameter.Name.StartsWith("guidance_in", StringComparison.Ordinal));
        Assert.DoesNotContain(model.Parameters, parameter => parameter.Name.EndsWith("attn.qkv.bias", StringComparison.Ordinal));
        DiffusionCondition c = SmallFlux.Condition(3);
        Tensor latents = randn([1, 16, 6, 4]), time = tensor(new[] { 500f });
        Assert.True(SmallFlux.Same(
            model.Forward(latents, time, c.Context, c.Pooled, tensor(new[] { 1f }), c.TextIds), model.Forward(latents, time, c.Context, c.Pooled, tensor(new[] { 9f }), c.TextIds)));
    }

    [Fact]
    public void EightBitsHalveTheLinearLayersAndChangeTheVelocityLittle()
    {
        LoadOptions bf16 = new(new(CPU, ScalarType.BFloat16));
        using FluxTransformer wide = SmallFlux.Create(bf16), narrow = SmallFlux.Create(bf16 with { LinearFormat = DenseFormat.Float8 }), exact = SmallFlux.Create();
        Assert.Equal(LinearBytes(wide) / 2, LinearBytes(narrow));
        Assert.Equal(wide.ByteLength - (LinearBytes(wide) / 2), narrow.ByteLength);
        Tensor expected = SmallFlux.Velocity(exact), dense = SmallFlux.Velocity(wide), eight = SmallFlux.Velocity(narrow);
        Assert.Equal(ScalarType.BFloat16, eight.dtype);
        Assert.InRange(SmallFlux.Error(dense, expected), 1e-5, 0.03);
        Assert.InRange(SmallFlux.Error(eight, expected), 1e-3, 0.15);
    }

    [Fact]
    public void ANewFormatServesTheWholeTransformer()
    {
        using FluxTransformer toy = SmallFlux.Create(LoadOptions.Reference with { LinearFormat = new TernaryFormat() }), dense = SmallFlux.Create();
        Tensor before = SmallFlux.Velocity(dense);
        foreach ((Linear narrow, Linear wide) in Linears(toy).Zip(Linears(dense)))
        {
            Assert.Equal(wide.Path, narrow.Path);
            Assert.Single(wide.Weight.Parameters).Replace(narrow.Weight.Widen(ScalarType.Float32));
        }

        Tensor expected = SmallFlux.Velocity(dense);
        Assert.InRange(SmallFlux.Error(SmallFlux.Velocity(toy), expected), 0, 1e-6);
        Assert.InRange(SmallFlux.Error(before, expected), 1e-2, 100);
    }

    [Fact]
    public void LowRankChangesOfAllLinearLayersEqualMergedWeights()
    {
        using FluxTransformer changed = SmallFlux.Create(), merged = SmallFlux.Create();
        Tensor before = SmallFlux.Velocity(changed);
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
        Tensor expected = SmallFlux.Velocity(merged);
        Assert.InRange(SmallFlux.Error(SmallFlux.Velocity(changed), expected), 0, 1e-5);
        Assert.InRange(SmallFlux.Error(before, expected), 1e-3, 100);
        Assert.All(deltas, item => Assert.True(item.Layer.Remove(item.Delta)));
        Assert.True(SmallFlux.Same(before, SmallFlux.Velocity(changed)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2.5)]
    public void AStreamedTransformerEqualsTheResidentOneBitForBit(double blocks)
    {
        using FluxTransformer resident = SmallFlux.Create();
        long largest = resident.Descendants.Where(module => module.GetType().Name.EndsWith("StreamBlock", StringComparison.Ordinal)).Max(module => module.ByteLength);
        using var residency = new BlockResidency((long)(blocks * largest));
        using FluxTransformer streamed = SmallFlux.Create(LoadOptions.Reference with { Residency = residency });
        Tensor expected = SmallFlux.Velocity(resident);
        for (int step = 0; step < 3; step++)
        {
            Assert.True(SmallFlux.Same(SmallFlux.Velocity(streamed), expected));
        }

        Assert.InRange(residency.StreamedBlocks, 1, 5);
        Assert.Equal(resident.Parameters.Select(parameter => parameter.Name), streamed.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void SizesThatCanNotBe()
    {
        Refused(new() { HiddenSize = 30, NumHeads = 4 }, "hidden_size 30", "num_heads 4");
        Refused(new() { NumHeads = 0 }, "num_heads is 0");
        Refused(new() { AxesDim = [16, 56, 54] }, "[16, 56, 54]", "128");
        Refused(new() { AxesDim = [16, 55, 57] }, "even");
        Refused(new() { AxesDim = [-16, 72, 72] }, "[-16, 72, 72]");
        Refused(new() { InChannels = 64, OutChannels = 32 }, "in_channels 64", "out_channels 32");
        Refused(new() { MlpRatio = double.NaN }, "mlp_ratio");
    }

    private static void Refused(FluxConfiguration configuration, params string[] parts)
    {
        string message = Assert.Throws<NexusGenException>(() => configuration.Checked()).Message;
        Assert.All(parts, part => Assert.Contains(part, message));
    }

    private static Linear[] Linears(Module model) => [.. model.Descendants.OfType<Linear>()];

    private static long LinearBytes(Module model) => Linears(model).Sum(linear => linear.Weight.Parameters.Sum(parameter => parameter.ByteLength));
}
