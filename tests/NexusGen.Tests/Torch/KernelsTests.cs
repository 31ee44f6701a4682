using NexusGen.Diffusion.Flux;
using NexusGen.Tests.Diffusion;
using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>The fused passes against the operators of ATen in float64, on dense tensors and on views, alone and on all threads.</summary>
public class KernelsTests
{
    public static TheoryData<ScalarType, int, int, double> Sizes => new()
    {
        { ScalarType.Float32, 1, 16, 1e-6 },
        { ScalarType.Float32, 5, 48, 1e-6 },
        { ScalarType.Float32, 300, 256, 1e-6 },
        { ScalarType.BFloat16, 1, 16, 0.004 },
        { ScalarType.BFloat16, 300, 256, 0.004 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void NormAndModulate(ScalarType type, int tokens, int width, double relative)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        Tensor x = (randn(2, tokens + 3, width) + 2).to(type).narrow(1, 2, tokens);
        Tensor[] modulation = randn(2, 1, 3 * width).to(type).chunk(3, -1);
        Tensor wide = x.to(ScalarType.Float64);
        Tensor normed = (wide - wide.mean([-1], keepdim: true)) / (wide.var([-1], unbiased: false, keepdim: true) + 1e-6).sqrt();
        Tensor expected = (normed * (modulation[1].to(ScalarType.Float64) + 1)) + modulation[0].to(ScalarType.Float64);
        Assert.True(Kernel.Fits(width, x, modulation[0], modulation[1]));
        AssertNear(expected, FluxOps.NormAndModulate(x, modulation[0], modulation[1]), type, relative * 2);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GatedSum(ScalarType type, int tokens, int width, double relative)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        Tensor x = randn(2, tokens + 3, width).to(type).narrow(1, 2, tokens), change = randn(2, tokens, width).to(type);
        Tensor gate = randn(2, 1, 3 * width).to(type).chunk(3, -1)[2], before = x.clone();
        Tensor expected = x.to(ScalarType.Float64) + (gate.to(ScalarType.Float64) * change.to(ScalarType.Float64));
        AssertNear(expected, FluxOps.AddGated(x, gate, change), type, relative);
        Assert.True(TinyModel.Same(before, x));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void GeluOverTheWholeRange(ScalarType type, int tokens, int width, double relative)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        Tensor x = linspace(-30, 30, 2L * tokens * width).view(2, tokens, width).to(type);
        Tensor expected = Ops.Gelu(x.to(ScalarType.Float64), tanh: true);
        AssertNear(expected, FluxOps.Gelu(x), type, relative);
    }

    [Theory]
    [InlineData(-1e30f, 0)]
    [InlineData(1e30f, 1e30f)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void GeluOfExtremes(float value, float expected)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        Assert.All(FluxOps.Gelu(full([1, 1, 16], value)).data<float>().ToArray(), actual => Assert.Equal(expected, actual, 1e-7f));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void JoinWithGelu(ScalarType type, int tokens, int width, double relative)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        Tensor attended = randn(2, tokens, width).to(type), wide = randn(2, tokens, 7 * width).to(type);
        Tensor expected = cat([attended.to(ScalarType.Float64), Ops.Gelu(wide.narrow(-1, 3 * width, 4 * width).to(ScalarType.Float64), tanh: true)], -1);
        AssertNear(expected, FluxOps.JoinWithGelu(attended, wide), type, relative);
    }

    // Rounded scores move the softmax's weights: of random numbers once in ten times by more than 0.02, where a wrong angle moves them by 1.
    [Theory]
    [InlineData(ScalarType.Float32, false, 2e-6)]
    [InlineData(ScalarType.Float32, true, 2e-6)]
    [InlineData(ScalarType.BFloat16, false, 0.06)]
    [InlineData(ScalarType.BFloat16, true, 0.06)]
    public void AttentionOfOneAndOfTwoStreams(ScalarType type, bool trains, double relative)
    {
        const int heads = 3, width = 32, first = 5, second = 200;
        using var scope = NewDisposeScope();
        using var mode = set_grad_enabled(trains);
        using var norm = new RmsNorm(new WeightSource(new RandomWeights(1), new LoadOptions(new Placement(CPU, type))), width, 1e-6);
        norm.Weight.copy_(rand(width) + 0.5);
        norm.Weight.requires_grad_(trains);
        Tensor angles = (randn(2, 1, first + second, width / 2) * 5).repeat_interleave(2, -1);
        var rotary = new FluxRotary(angles.cos(), angles.sin());
        Tensor qkv = randn(2, first + second, 4 * heads * width).to(type);
        Tensor expected = Reference(qkv.to(ScalarType.Float64), norm.Weight.detach().to(ScalarType.Float64), angles.to(ScalarType.Float64), heads, width);
        FluxProjection Part(int start, int count) => new(qkv.narrow(1, start, count).clone(), heads, norm, norm);
        AssertNear(expected, FluxAttention.Attend(rotary, Part(0, first), Part(first, second)), type, relative);
        AssertNear(expected, FluxAttention.Attend(rotary, Part(0, first + second)), type, relative);
    }

    [Fact]
    public void RoundingToBFloat16IsLibtorchs()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        float[] special = [0, -0f, 1, 1.00390625f, 1.01171875f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, 1e-40f];
        Tensor x = cat([tensor(special), randn(16 * 100 - special.Length)]).view(1, 100, 16);
        Tensor scaled = FluxOps.AddGated(zeros(1, 100, 16).to(ScalarType.BFloat16), ones(1, 1, 16).to(ScalarType.BFloat16), x.to(ScalarType.BFloat16));
        Assert.True(TinyModel.Same(x.to(ScalarType.BFloat16), scaled));
    }

    [Fact]
    public void WhatTheKernelsCannotTakeIsLeftToTheOperators()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(1, 4, 32);
        Assert.True(Kernel.Fits(32, x));
        Assert.False(Kernel.Fits(24, x));
        Assert.False(Kernel.Fits(32, x.to(ScalarType.Float16)));
        Assert.False(Kernel.Fits(32, x, x.to(ScalarType.BFloat16)));
        Assert.False(Kernel.Fits(32, x.transpose(1, 2)));
        Assert.False(Kernel.Fits(32, x.to(META)));
        Assert.False(Kernel.Fits(32, x, randn([32], requires_grad: true)));
        using (no_grad())
        {
            Assert.True(Kernel.Fits(32, x, randn([32], requires_grad: true)));
        }
    }

    private static Tensor Reference(Tensor qkv, Tensor weight, Tensor angles, int heads, int width)
    {
        Tensor[] parts = qkv.narrow(-1, 0, 3 * heads * width).view(2, -1, 3, heads, width).permute(2, 0, 3, 1, 4).unbind(0);
        Tensor Turn(Tensor x)
        {
            Tensor normed = x / (x.square().mean([-1], keepdim: true) + 1e-6).sqrt() * weight;
            Tensor turned = stack([-normed.slice(-1, 1, width, 2), normed.slice(-1, 0, width, 2)], -1).flatten(-2);
            return (normed * angles.cos()) + (turned * angles.sin());
        }

        Tensor scores = Turn(parts[0]).matmul(Turn(parts[1]).transpose(-1, -2)) / Math.Sqrt(width);
        return scores.softmax(-1).matmul(parts[2]).transpose(1, 2).flatten(2);
    }

    private static void AssertNear(Tensor expected, Tensor actual, ScalarType type, double relative)
    {
        Assert.Equal(type, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        double error = (expected - actual.to(ScalarType.Float64)).abs().max().item<double>() / expected.abs().max().item<double>();
        Assert.True(error <= relative, $"{error:g3} instead of at most {relative:g3}");
    }
}
