using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

public class OpsTests
{
    [Fact]
    public void RmsNormIsItsFormula()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(3, 5, 16), weight = randn(16);
        Tensor expected = x * rsqrt(x.square().mean([-1], keepdim: true) + 1e-6) * weight;
        Assert.True(allclose(Ops.RmsNorm(x, weight, 1e-6), expected, rtol: 1e-5, atol: 1e-6));
        Assert.True(allclose(Ops.RmsNorm(x, null, 1e-6) * weight, expected, rtol: 1e-5, atol: 1e-6));
    }

    [Theory]
    [InlineData(4, false, null)]
    [InlineData(2, false, 0.3)]
    [InlineData(1, true, null)]
    public void AttentionIsItsFormula(int keyHeads, bool causal, double? scale)
    {
        using var scope = NewDisposeScope();
        Tensor q = randn(2, 4, 6, 8), k = randn(2, keyHeads, 6, 8), v = randn(2, keyHeads, 6, 8);
        Tensor keys = k.repeat_interleave(4 / keyHeads, 1), values = v.repeat_interleave(4 / keyHeads, 1);
        Tensor scores = q.matmul(keys.transpose(-1, -2)) * (scale ?? (1 / Math.Sqrt(8)));
        if (causal)
        {
            scores = scores.masked_fill(ones(6, 6, dtype: ScalarType.Bool).tril().logical_not(), float.NegativeInfinity);
        }

        Tensor expected = scores.softmax(-1).matmul(values);
        Assert.True(allclose(Ops.Attention(q, k, v, causal: causal, scale: scale), expected, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void AttentionTakesAMask()
    {
        using var scope = NewDisposeScope();
        Tensor q = randn(1, 2, 3, 8), k = randn(1, 2, 5, 8), v = randn(1, 2, 5, 8);
        Tensor mask = tensor(new[] { true, true, false, true, false }).view(1, 1, 1, 5);
        Tensor kept = tensor(new long[] { 0, 1, 3 });
        Tensor expected = Ops.Attention(q, k.index_select(2, kept), v.index_select(2, kept));
        Assert.True(allclose(Ops.Attention(q, k, v, mask), expected, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void GradientsFlowThroughTheDispatcher()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn([4, 8], requires_grad: true), weight = randn([8], requires_grad: true);
        Ops.RmsNorm(x, weight, 1e-6).square().sum().backward();
        Assert.True(x.grad is { } gradient && gradient.abs().sum().item<float>() > 0);
        Assert.NotNull(weight.grad);
    }
}
