using NexusGen.Autoregressive;
using NexusGen.Torch.Autograd;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Operators;
using NexusGen.Training.Gradients;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>
/// The fused passes that have a backward pass of their own, against ATen's operators in float64, which they leave alone: forward
/// without a gradient, forward with one, and every gradient.
/// </summary>
public sealed class RecordedFunctionTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public RecordedFunctionTests() => manual_seed(11);

    public static TheoryData<ScalarType, long> Cases => new()
    {
        { ScalarType.Float32, 32 },
        { ScalarType.Float32, 80 },
        { ScalarType.Float32, 256 },
        { ScalarType.BFloat16, 48 },
        { ScalarType.BFloat16, 256 },
    };

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void RmsNorm(ScalarType type, long width)
    {
        Func<Tensor[], Tensor> norm = x => Ops.RmsNorm(x[0], x[1], 1e-6);
        AssertSame(norm, trained: 2, Random(type, 3, 37, width) * 3, Random(type, width) + 1);
        AssertSame(norm, trained: 2, Random(type, 1, width), Random(type, width));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void GatedSilu(ScalarType type, long width) =>
        AssertSame(x => Ops.GatedSilu(x[0], x[1]), trained: 2, Random(type, 3, 37, width) * 8, Random(type, 3, 37, width));

    // The tables' halves differ, which those of positions do not.
    [Theory]
    [MemberData(nameof(Cases))]
    public void Rotation(ScalarType type, long width)
    {
        Tensor x = Random(type, 2, 37, 3, width), cos = Random(type, 2, 37, 1, width), sin = Random(type, 2, 37, 1, width);
        AssertSame(x => RotaryEmbedding.Rotate(x[0], x[1], x[2]), trained: 1, x, cos, sin);
        AssertSame(
            x => RotaryEmbedding.Rotate(x[0], x[1], x[2]).transpose(1, 2).contiguous(), trained: 1, Random(type, 2, 3, 37, width).transpose(1, 2), cos, sin);
    }

    // As a frozen layer between trained ones has it.
    [Fact]
    public void WhatIsFrozenLetsGradientsThrough()
    {
        Tensor x = randn(4, 32).requires_grad_(), weight = randn(32);
        Ops.RmsNorm(x, weight, 1e-6).square().sum().backward();
        Assert.Null(weight.grad);
        Assert.NotEqual(0, x.grad!.abs().sum().item<float>());
    }

    [Fact]
    public void WhatIsRaisedInABackwardPassReachesTheCaller()
    {
        Tensor loss = Failing.apply(randn(4).requires_grad_()).sum();
        Assert.Equal("in the backward pass", Assert.Throws<InvalidDataException>(() => Checkpointing.Backward(loss)).Message);
    }

    private static Tensor Random(ScalarType type, params long[] shape) => randn(shape).to(type);

    private static void AssertSame(Func<Tensor[], Tensor> function, int trained, params Tensor[] given)
    {
        Tensor[] wide = [.. given.Select((tensor, i) => Leaf(tensor.to(ScalarType.Float64), i < trained))], own = [.. given.Select((tensor, i) => Leaf(tensor, i < trained))];
        Assert.True(Kernel.Takes(given[0].shape[^1], given));
        Assert.False(Kernel.Takes(given[0].shape[^1], wide));

        // The second one is the same everywhere and has no memory of its own for each element, as that of a sum.
        Tensor shape = function(own);
        foreach (Tensor gradient in (Tensor[])[randn(shape.shape).to(given[0].dtype), ones(1).to(given[0].dtype).expand(shape.shape)])
        {
            Tensor expected = function(wide), actual = function(own);
            AssertNear(expected, actual, given[0].dtype);
            expected.backward([gradient.to(ScalarType.Float64)]);
            actual.backward([gradient]);
            for (int i = 0; i < trained; i++)
            {
                AssertNear(wide[i].grad!, own[i].grad!, given[0].dtype);
                wide[i].grad = own[i].grad = null;
            }
        }

        using IDisposable inference = no_grad();
        AssertNear(function(wide), function([.. given.Select(tensor => tensor.clone())]), given[0].dtype);
    }

    private static Tensor Leaf(Tensor tensor, bool trained) => tensor.detach().requires_grad_(trained);

    private static void AssertNear(Tensor expected, Tensor actual, ScalarType type)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(type, actual.dtype);
        Tensor wide = expected.detach();
        double tolerance = type == ScalarType.BFloat16 ? 1e-2 : 2e-6;
        double difference = ((wide - actual.detach().to(ScalarType.Float64)).abs().max() / wide.abs().max()).item<double>();
        Assert.True(difference < tolerance, $"differs by {difference}");
    }

    private sealed class Failing : RecordedFunction<Failing>
    {
        protected override Tensor Compute(autograd.AutogradContext ctx, object[] inputs) => ((Tensor)inputs[0]).clone();

        protected override IEnumerable<Tensor?> Gradients(autograd.AutogradContext ctx, List<Tensor> saved, Tensor gradient) =>
            throw new InvalidDataException("in the backward pass");
    }
}
