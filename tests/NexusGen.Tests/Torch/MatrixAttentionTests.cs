using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>Attention as two products is the fused one, value and gradients.</summary>
public sealed class MatrixAttentionTests
{
    [Theory]
    [InlineData("none", 4, 4, 9, 9)]
    [InlineData("causal", 4, 2, 9, 9)]
    [InlineData("seen", 6, 2, 5, 9)]
    [InlineData("added", 4, 1, 5, 9)]
    public void ItIsTheFusedOne(string kind, int heads, int groups, int queries, int keys)
    {
        using var scope = NewDisposeScope();
        TorchSharp.torch.random.manual_seed(4);
        Tensor[] inputs = [randn(2, heads, queries, 8), randn(2, groups, keys, 8), randn(2, groups, keys, 8)];
        Tensor? mask = kind switch { "seen" => rand(2, 1, queries, keys) < 0.7, "added" => randn(1, 1, queries, keys), _ => null };
        if (kind == "seen")
        {
            mask = mask!.logical_or(eye(queries, keys, dtype: ScalarType.Bool));
        }

        Tensor weights = randn(2, heads, queries, 8);
        (Tensor Value, Tensor[] Gradients) Differentiate(Func<Tensor, Tensor, Tensor, Tensor> attend)
        {
            Tensor[] own = [.. inputs.Select(input => input.clone().requires_grad_())];
            Tensor value = attend(own[0], own[1], own[2]);
            (value * weights).sum().backward();
            return (value.detach(), [.. own.Select(input => input.grad!)]);
        }

        bool causal = kind == "causal";
        (Tensor expected, Tensor[] slopes) = Differentiate((q, k, v) => Ops.FusedAttention(q, k, v, mask, causal, 0.3));
        (Tensor value, Tensor[] gradients) = Differentiate((q, k, v) => MatrixAttention.Run(q, k, v, mask, causal, 0.3));
        Assert.True(allclose(value, expected, 1e-4, 1e-5));
        Assert.All(gradients.Zip(slopes), pair => Assert.True(allclose(pair.First, pair.Second, 1e-4, 1e-5)));
    }

    [Fact]
    public void ItIsTakenInTrainingInBfloat16ForShortRowsAlone()
    {
        using var scope = NewDisposeScope();
        Tensor Rows(ScalarType type, int length, bool learned) => zeros([1, 2, length, 8], dtype: type).requires_grad_(learned);
        bool Fits(Tensor rows) => MatrixAttention.Fits(rows, rows, rows);
        Assert.True(Fits(Rows(ScalarType.BFloat16, 64, learned: true)));
        Assert.False(Fits(Rows(ScalarType.Float32, 64, learned: true)));
        Assert.False(Fits(Rows(ScalarType.BFloat16, 64, learned: false)));
        Assert.False(Fits(Rows(ScalarType.BFloat16, 4096, learned: true)));
        using IDisposable frozen = no_grad();
        Assert.False(Fits(Rows(ScalarType.BFloat16, 64, learned: true)));
    }
}
