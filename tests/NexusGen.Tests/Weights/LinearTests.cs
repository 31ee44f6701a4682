using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

public class LinearTests
{
    private static readonly RandomWeights Random = new(7);

    [Fact]
    public void ComputesInTheTypeOfItsInput()
    {
        using var scope = NewDisposeScope();
        using var linear = new Linear(Source(LoadOptions.Reference)["a"], 6, 4);
        Assert.Equal(ScalarType.BFloat16, linear.Forward(ones(2, 6, dtype: ScalarType.BFloat16)).dtype);
        Assert.Equal(ScalarType.Float32, linear.Forward(ones(2, 6)).dtype);
    }

    [Fact]
    public void ListsItsParametersUnderCheckpointNames()
    {
        using var linear = new Linear(Source(LoadOptions.Reference)["model.layers"][3]["q_proj"], 6, 4);
        Assert.Equal(["model.layers.3.q_proj.weight", "model.layers.3.q_proj.bias"], linear.Parameters.Select(p => p.Name));
        Assert.Equal(4 * ((6 * 4) + 4), linear.ByteLength);
    }

    [Fact]
    public void EightBitsHalveTheWeightAndChangeTheResultLittle()
    {
        using var scope = NewDisposeScope();
        LoadOptions bf16 = new(new Placement(CPU, ScalarType.BFloat16));
        using var wide = new Linear(Source(bf16)["a"], 64, 32, bias: false);
        using var narrow = new Linear(Source(bf16 with { LinearFormat = DenseFormat.Float8 })["a"], 64, 32, bias: false);
        Assert.Equal(wide.ByteLength / 2, narrow.ByteLength);
        Tensor x = randn([5, 64], dtype: ScalarType.BFloat16, generator: new Generator(1));
        Tensor difference = (wide.Forward(x) - narrow.Forward(x)).@float();
        Assert.InRange(difference.norm().item<float>() / wide.Forward(x).@float().norm().item<float>(), 1e-4f, 0.05f);
    }

    // One row takes the kernel, several a product with the widened weight; 24 outputs are no multiple of the kernel's.
    [Theory]
    [InlineData(1, 32)]
    [InlineData(3, 32)]
    [InlineData(1, 24)]
    public void WeightsOfHalfTheSizeAreComputedWithInFloat32(int rows, int outputs)
    {
        using var scope = NewDisposeScope();
        Placement half = new(CPU, ScalarType.Float32) { Storage = ScalarType.BFloat16 };
        using var wide = new Linear(Source(LoadOptions.Reference)["a"], 64, outputs);
        using var stored = new Linear(Source(new(half))["a"], 64, outputs);
        Assert.Equal(wide.ByteLength - (2 * 64 * outputs), stored.ByteLength);
        Tensor x = randn([1, rows, 64], generator: new Generator(1));
        using IDisposable inference = no_grad();
        Tensor actual = stored.Forward(x), weight = wide.Weight.Widen(ScalarType.BFloat16).to(ScalarType.Float64);
        Tensor expected = nn.functional.linear(
            x.to(ScalarType.Float64), weight, wide.Parameters.Last().Value.to(ScalarType.Float64));
        Assert.Equal(ScalarType.Float32, actual.dtype);
        Assert.Equal([1, rows, outputs], actual.shape);
        Assert.InRange((actual - expected).abs().max().item<double>(), 0, 1e-6);
    }

    [Fact]
    public void EmbeddingsOfHalfTheSizeAreComputedWithInFloat32()
    {
        using var scope = NewDisposeScope();
        using IDisposable inference = no_grad();
        Placement half = new(CPU, ScalarType.Float32) { Storage = ScalarType.BFloat16 };
        using var table = new Embedding(Source(new(half))["e"], 48, 32);
        Assert.Equal(2 * 48 * 32, table.ByteLength);
        Tensor found = table.Forward(tensor(new long[] { 3, 0 }));
        Assert.Equal(ScalarType.Float32, found.dtype);
        Tensor rows = table.Weight.to(ScalarType.Float32).index_select(0, tensor(new long[] { 3, 0 }));
        Assert.True(found.equal(rows).all().item<bool>());
        Tensor logits = table.Project(found);
        Assert.Equal(ScalarType.Float32, logits.dtype);
        Assert.Equal([2, 48], logits.shape);
        Assert.InRange((logits - found.matmul(table.Weight.to(ScalarType.Float32).t())).abs().max().item<float>(), 0, 1e-6);
    }

    [Theory]
    [InlineData(Precision.Automatic, Precision.BFloat16, true, ScalarType.BFloat16, ScalarType.BFloat16)]
    [InlineData(Precision.Automatic, Precision.BFloat16, false, ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(Precision.Automatic, Precision.Automatic, false, ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(Precision.Automatic, Precision.Float32, false, ScalarType.Float32, ScalarType.Float32)]
    [InlineData(Precision.BFloat16, Precision.BFloat16, false, ScalarType.BFloat16, ScalarType.BFloat16)]
    [InlineData(Precision.Float32, Precision.BFloat16, false, ScalarType.Float32, ScalarType.Float32)]
    public void WithoutFastBFloat16ItIsOnlyStored(
        Precision asked, Precision automatic, bool computes, ScalarType precision, ScalarType storage)
    {
        var chosen = Placement.Choose(CPU, asked, automatic, computes);
        Assert.Equal((precision, storage), (chosen.Precision, chosen.Storage));
    }

    [Fact]
    public void ANewFormatIsOneImplementationAndNoModelKnows()
    {
        using var scope = NewDisposeScope();
        using var plain = new Linear(Source(LoadOptions.Reference)["a"], 6, 4);
        using var toy = new Linear(Source(LoadOptions.Reference with { LinearFormat = new TernaryFormat() })["a"], 6, 4);
        Tensor x = randn([3, 6], generator: new Generator(1));
        Tensor weight = plain.Weight.Widen(ScalarType.Float32);
        Tensor scale = weight.abs().mean();
        Tensor expected = nn.functional.linear(x, (weight / scale).round().clamp(-1, 1) * scale, plain.Parameters.Last().Value);
        Assert.True(allclose(toy.Forward(x), expected));
        Assert.Equal(["a.weight.signs", "a.weight.scale", "a.bias"], toy.Parameters.Select(p => p.Name));
    }

    private static WeightSource Source(LoadOptions options) => new(Random, options);
}
