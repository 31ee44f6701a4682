using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using NexusGen.Torch.Kernels;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch.Kernels;

/// <summary>Each kernel gives what ATen's operators give, which take over where a gradient is wanted.</summary>
public sealed class KernelTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public KernelTests() => manual_seed(7);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32, 3072)]
    [InlineData(ScalarType.Float32, 16)]
    [InlineData(ScalarType.BFloat16, 3072)]
    public void NormAndModulateIsTheSame(ScalarType type, long width) =>
        AssertSame((x, shift, scale) => FluxOps.NormAndModulate(x, shift, scale), Random(type, 2, 37, width), Parts(type, width)[0], Parts(type, width)[1]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void AddGatedIsTheSame(ScalarType type) =>
        AssertSame((x, gate, change) => FluxOps.AddGated(x, gate, change), Random(type, 2, 37, 256), Parts(type, 256)[2], Random(type, 2, 37, 256));

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void GeluIsTheSame(ScalarType type) => AssertSame((x, _, _) => FluxOps.Gelu(x), Random(type, 2, 37, 256) * 5);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void JoiningWithGeluIsTheSame(ScalarType type) =>
        AssertSame((attended, wide, _) => FluxOps.JoinWithGelu(attended, wide), Random(type, 2, 37, 64), Random(type, 2, 37, (3 * 64) + 256));

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void MatrixTimesVectorIsTheSame(ScalarType type)
    {
        Tensor x = Random(type, 1, 1, 208), weight = Random(type, 96, 208), bias = Random(type, 96);
        Assert.True(MatrixVectorKernel.Fits(x, weight, bias));
        AssertClose(nn.functional.linear(x, weight, bias), MatrixVectorKernel.Run(x, weight, bias));
        AssertClose(nn.functional.linear(x, weight), MatrixVectorKernel.Run(x, weight, null));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1)]
    [InlineData(ScalarType.Float32, 2)]
    [InlineData(ScalarType.BFloat16, 1)]
    [InlineData(ScalarType.BFloat16, 2)]
    public void AttentionOfStreamsIsTheSame(ScalarType type, int rotaries)
    {
        const int heads = 3, width = 32;
        var source = new WeightSource(new RandomWeights(5), new LoadOptions(new Placement(CPU, type)));
        using var query = new RmsNorm(source["q"], width, 1e-6);
        using var key = new RmsNorm(source["k"], width, 1e-6);
        Tensor angles = (rand(rotaries, 1, 37, width / 2) * 6).repeat_interleave(2, -1);
        var rotary = new FluxRotary(angles.cos(), angles.sin());
        AssertSame(
            (text, image, _) => FluxAttention.Attend(rotary, new FluxProjection(text, heads, query, key), new FluxProjection(image, heads, query, key)),
            Random(type, 2, 7, 3 * heads * width),
            Random(type, 2, 30, (3 * heads * width) + 16));
        AssertSame(
            (all, _, _) => FluxAttention.Attend(rotary, new FluxProjection(all, heads, query, key)), Random(type, 2, 37, (3 * heads * width) + 64));
    }

    [Fact]
    public void NotANumberStaysOneInBFloat16()
    {
        using IDisposable inference = no_grad();
        Tensor x = full(1, 1, 16, float.NaN).to(ScalarType.BFloat16);
        Assert.True(FluxOps.Gelu(x).isnan().all().item<bool>());
    }

    [Fact]
    public void WhatAKernelCantDoIsLeftToATen()
    {
        using IDisposable inference = no_grad();
        Assert.True(Kernel.Fits(32, rand(4, 32)));
        Assert.False(Kernel.Fits(40, rand(4, 40)));
        Assert.False(Kernel.Fits(32, rand(4, 32, dtype: ScalarType.Float64)));
        Assert.False(Kernel.Fits(32, rand(4, 32), rand(4, 32).to(ScalarType.BFloat16)));
        Assert.False(Kernel.Fits(32, rand(32, 32).t()));
        using IDisposable training = enable_grad();
        Assert.True(Kernel.Fits(32, rand(4, 32)));
        Assert.False(Kernel.Fits(32, rand(4, 32).requires_grad_()));
    }

    // [batch, 1, width] as modulation gives them: parts of a longer row.
    private static Tensor[] Parts(ScalarType type, long width) => Random(type, 2, 1, 3 * width).chunk(3, -1);

    private static Tensor Random(ScalarType type, params long[] shape) => randn(shape).to(type);

    // Once without a gradient, where the kernels work, and once with one wanted, in float32.
    private static void AssertSame(Func<Tensor, Tensor, Tensor, Tensor> function, params Tensor[] given)
    {
        Tensor[] inputs = [.. given, .. Enumerable.Repeat(zeros(1), 3 - given.Length)];
        Tensor expected = function(inputs[0].clone().requires_grad_(), inputs[1].clone(), inputs[2].clone());
        Assert.True(expected.requires_grad);
        using IDisposable inference = no_grad();
        Tensor[] own = [.. inputs.Select(input => input.clone())];
        AssertClose(expected.detach(), function(own[0], own[1], own[2]));
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        Tensor wide = expected.to(ScalarType.Float32);
        double tolerance = expected.dtype == ScalarType.BFloat16 ? 2e-2 : 5e-6;
        double difference = (wide - actual.to(ScalarType.Float32)).abs().max().item<float>() / Math.Max(1, wide.abs().max().item<float>());
        Assert.True(difference < tolerance, $"differs by {difference}");
    }
}
