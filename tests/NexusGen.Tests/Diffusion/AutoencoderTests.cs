using NexusGen.Core;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Verification;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public sealed class AutoencoderTests
{
    private static readonly AutoencoderConfiguration Small = new() { Ch = 8, ChMult = [1, 2, 2], NumResBlocks = 1, NormGroups = 4 };

    [Theory]
    [InlineData(false, 2e-5)]
    [InlineData(true, 0.05)]
    public void EncodesAsTheOfficialCode(bool half, double relative)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using ReferenceCase reference = TinyModel.Case("autoencoder", "encode");
        using AutoencoderEncoder encoder = files.EncoderHalfPart.Load(half ? TinyModel.Half : LoadOptions.Reference);
        Tensor latents = encoder.Forward(reference.Tensor("image"));
        Assert.Equal(half ? ScalarType.BFloat16 : ScalarType.Float32, latents.dtype);
        TinyModel.AssertNear(reference.ExpectedTensor("latents"), latents, relative);
    }

    [Theory]
    [InlineData(false, 2e-5)]
    [InlineData(true, 0.05)]
    public void DecodesAsTheOfficialCode(bool half, double relative)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using ReferenceCase reference = TinyModel.Case("autoencoder", "decode");
        using AutoencoderDecoder decoder = files.DecoderHalfPart.Load(half ? TinyModel.Half : LoadOptions.Reference);
        Tensor picture = decoder.Forward(reference.Tensor("latents"));
        Assert.Equal(half ? ScalarType.BFloat16 : ScalarType.Float32, picture.dtype);
        TinyModel.AssertNear(reference.ExpectedTensor("image"), picture, relative);
    }

    [Fact]
    public void ALatentCoversASquareOfPixels()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        WeightSource source = new(new RandomWeights(1), LoadOptions.Reference);
        using var encoder = new AutoencoderEncoder(source["encoder"], Small);
        using var decoder = new AutoencoderDecoder(source["decoder"], Small);
        Assert.Equal(4, Small.Downscale);
        Assert.Equal(8, AutoencoderConfiguration.Flux.Downscale);
        Tensor latents = encoder.Forward(zeros(2, 3, 20, 12));
        Assert.Equal([2, 16, 5, 3], latents.shape);
        Assert.Equal([2, 3, 20, 12], decoder.Forward(latents).shape);
    }

    [Fact]
    public void EachHalfAsksForItsOwnWeightsOnly()
    {
        var encoder = new ShapeOnlyWeights();
        var decoder = new ShapeOnlyWeights();
        LoadOptions options = new(new Placement(META, ScalarType.Float32));
        new AutoencoderEncoder(new WeightSource(encoder, options)["encoder"], AutoencoderConfiguration.Flux).Dispose();
        new AutoencoderDecoder(new WeightSource(decoder, options)["decoder"], AutoencoderConfiguration.Flux).Dispose();
        Assert.All(encoder.Requested.Keys, name => Assert.StartsWith("encoder.", name, StringComparison.Ordinal));
        Assert.All(decoder.Requested.Keys, name => Assert.StartsWith("decoder.", name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(17, 16)]
    [InlineData(16, 18)]
    public void AnOddSideIsRefusedWithTheSize(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var encoder = new AutoencoderEncoder(new WeightSource(new RandomWeights(1), LoadOptions.Reference)["encoder"], Small);
        string message = Assert.Throws<NexusGenException>(() => encoder.Forward(zeros(1, 3, height, width))).Message;
        Assert.Contains($"{width}×{height}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsComputedInPlaceIsTheSameAndLeavesAutogradWhatItNeeds()
    {
        using var scope = NewDisposeScope();
        WeightSource source = new(new RandomWeights(1), LoadOptions.Reference);
        using var encoder = new AutoencoderEncoder(source["encoder"], Small);
        using var decoder = new AutoencoderDecoder(source["decoder"], Small);
        Tensor input = randn([1, 3, 16, 24], generator: new Generator(2));
        Tensor given = input.clone();
        Tensor fast;
        using (no_grad())
        {
            fast = decoder.Forward(encoder.Forward(input));
        }

        Assert.True(input.equal(given).all().item<bool>());
        Tensor traced = input.clone().requires_grad_();
        Tensor slow = decoder.Forward(encoder.Forward(traced));
        TinyModel.AssertNear(slow.detach(), fast, 1e-6);
        slow.sum().backward();

        // The slope in one direction, against a small step there.
        Tensor direction = randn([1, 3, 16, 24], generator: new Generator(3));
        using IDisposable inference = no_grad();
        double Sum(double step) => decoder.Forward(encoder.Forward(input + (direction * step))).sum(ScalarType.Float64).item<double>();
        double slope = (traced.grad! * direction).sum().item<float>();
        Assert.Equal((Sum(1e-2) - Sum(-1e-2)) / 2e-2, slope, Math.Abs(slope) * 0.02);
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        using var inference = no_grad();
        WeightSource source = new(new RandomWeights(1), LoadOptions.Reference);
        using var encoder = new AutoencoderEncoder(source["encoder"], Small);
        using var decoder = new AutoencoderDecoder(source["decoder"], Small);
        using Tensor picture = randn(1, 3, 16, 16);
        long before = TinyModel.LiveTensors();
        for (int i = 0; i < 3; i++)
        {
            using Tensor latents = encoder.Forward(picture);
            using Tensor decoded = decoder.Forward(latents);
            Assert.Equal(before + 2, TinyModel.LiveTensors());
        }

        Assert.Equal(before, TinyModel.LiveTensors());
    }

    public static TheoryData<string, AutoencoderConfiguration> Impossible => new()
    {
        { "ch_mult []", Small with { ChMult = [] } },
        { "ch_mult [1, 0]", Small with { ChMult = [1, 0] } },
        { "ch is 0", Small with { Ch = 0 } },
        { "norm_groups 3", Small with { NormGroups = 3 } },
        { "num_res_blocks is -1", Small with { NumResBlocks = -1 } },
        { "scale_factor 0", Small with { ScaleFactor = 0 } },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void ImpossibleSizesAreRefusedByName(string named, AutoencoderConfiguration configuration)
    {
        WeightSource source = new(ShapeOnlyWeights.Unrecorded, LoadOptions.Reference);
        Assert.Contains(named, Assert.Throws<NexusGenException>(() => new AutoencoderDecoder(source, configuration)).Message, StringComparison.Ordinal);
    }
}
