using NexusGen.Diffusion.Autoencoder;
using NexusGen.Model;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public sealed class TiledDecodingTests
{
    private static readonly AutoencoderConfiguration Small = new() { Ch = 8, ChMult = [1, 2], NumResBlocks = 1, NormGroups = 4 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OneTileIsThePictureWithoutTiles(bool half)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using AutoencoderDecoder decoder = Random(half ? TinyModel.Half : LoadOptions.Reference);
        Tensor latents = randn([1, 16, 6, 9], generator: new Generator(4));
        using var decoding = new TiledDecoding(decoder, latents, tile: 9, overlap: 3);
        Assert.Equal(1, decoding.Count);
        Assert.False(decoding.Step());
        Assert.True(decoding.Result.eq(decoder.Forward(latents)).all().item<bool>());
    }

    [Theory]
    [InlineData(8, 8, 8, 0, 1)]
    [InlineData(8, 16, 8, 0, 2)]
    [InlineData(9, 8, 8, 4, 2)]
    [InlineData(16, 16, 8, 4, 9)]
    [InlineData(17, 21, 6, 1, 16)]
    [InlineData(5, 30, 8, 7, 23)]
    public void TheSharesOfAllTilesAddUpToOne(int height, int width, int tile, int overlap, int count)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using var decoder = new AutoencoderDecoder(new WeightSource(new OneColour(), LoadOptions.Reference), Small);
        using var decoding = new TiledDecoding(decoder, zeros(2, 16, height, width), tile, overlap);
        Assert.Equal(count, decoding.Count);
        while (decoding.Step())
        {
        }

        Assert.Equal([2, 3, 2 * height, 2 * width], decoding.Result.shape);
        TinyModel.AssertNear(full([2, 3, 2 * height, 2 * width], OneColour.Value), decoding.Result, 1e-6);
    }

    [Fact]
    public void TilesGiveNearlyThePictureWithoutTiles()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using ModelFiles files = TinyModel.Open();
        using AutoencoderDecoder decoder = files.DecoderHalfPart.Load(LoadOptions.Reference);
        Tensor latents = randn([1, 16, 40, 24], generator: new Generator(5));
        Tensor whole = decoder.Forward(latents);
        using var decoding = new TiledDecoding(decoder, latents, tile: 24, overlap: 12);
        while (decoding.Step())
        {
        }

        // The norms and the attention of a tile see the tile alone: what differs is small, and nowhere a seam.
        Tensor difference = (decoding.Result - whole).abs();
        Assert.InRange(difference.mean().item<float>() / whole.abs().mean().item<float>(), 0, 0.05);
        Tensor rows = (decoding.Result.narrow(2, 1, 319) - decoding.Result.narrow(2, 0, 319)).abs().mean([0, 1, 3]);
        Tensor expected = (whole.narrow(2, 1, 319) - whole.narrow(2, 0, 319)).abs().mean([0, 1, 3]);
        Assert.InRange((rows / expected).max().item<float>(), 0, 1.2);
    }

    [Fact]
    public void ADecodingGoesOnTileByTileWhereItStopped()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        using AutoencoderDecoder decoder = Random(TinyModel.Half);
        Tensor latents = randn([1, 16, 12, 8], generator: new Generator(6));
        using var decoding = new TiledDecoding(decoder, latents, tile: 8, overlap: 4);
        latents.Dispose();
        Assert.True(decoding.Step());
        Assert.Equal(1, decoding.Completed);
        Assert.Contains("1 of 2", Assert.Throws<InvalidOperationException>(() => decoding.Result).Message, StringComparison.Ordinal);
        Assert.False(decoding.Step());
        Assert.Equal(ScalarType.BFloat16, decoding.Result.dtype);
        Assert.Throws<InvalidOperationException>(() => decoding.Step());
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, -1)]
    [InlineData(0, 0)]
    public void AnOverlapThatIsNoneIsRefused(int tile, int overlap)
    {
        using AutoencoderDecoder decoder = Random(LoadOptions.Reference);
        using Tensor latents = zeros(1, 16, 8, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TiledDecoding(decoder, latents, tile, overlap));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    public void NoTensorIsLeftBehind(int side)
    {
        using var inference = no_grad();
        using AutoencoderDecoder decoder = Random(LoadOptions.Reference);
        using Tensor latents = randn(1, 16, side, side);
        long before = TinyModel.LiveTensors();
        for (int i = 0; i < 3; i++)
        {
            using var decoding = new TiledDecoding(decoder, latents, tile: 8, overlap: 4);
            while (decoding.Step())
            {
                Assert.Equal(before + 2, TinyModel.LiveTensors());
            }

            decoding.Result.Dispose();
            Assert.Equal(before + 2, TinyModel.LiveTensors());
        }

        Assert.Equal(before, TinyModel.LiveTensors());
    }

    private static AutoencoderDecoder Random(LoadOptions options) => new(new WeightSource(new RandomWeights(1), options), Small);

    // All weights zero but the last bias.
    private sealed class OneColour : IWeightProvider
    {
        public const float Value = 0.375f;

        public bool Contains(string name) => true;

        public Tensor Provide(in WeightRequest request) =>
            full(request.Shape, request.Name == "conv_out.bias" ? Value : 0, dtype: request.Type).DetachFromDisposeScope();
    }
}
