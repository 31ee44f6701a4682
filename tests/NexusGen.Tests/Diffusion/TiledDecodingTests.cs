using NexusGen.Diffusion;
using NexusGen.Model;
using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

public sealed class TiledDecodingTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _inference = no_grad();
    private readonly ModelFiles _files = new(ModelPaths.Find(TinyModel.Folder));
    private readonly AutoencoderDecoder _decoder;

    public TiledDecodingTests() => _decoder = _files.DecoderHalfPart.Load(LoadOptions.Reference);

    public void Dispose()
    {
        _decoder.Dispose();
        _files.Dispose();
        _inference.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(6, 10, 10, 4)]
    [InlineData(10, 10, 10, 0)]
    [InlineData(3, 5, 128, 64)]
    public void APictureInOneTileIsDecodedAsItIs(int height, int width, int tile, int overlap)
    {
        Tensor latents = Latents(height, width);
        Tensor tiled = Decode(latents, tile, overlap, out int count);
        Assert.Equal(1, count);
        Assert.True(SmallFlux.Same(tiled, _decoder.Forward(latents)));
    }

    [Theory]
    [InlineData(24, 30, 12, 6, 3 * 4)]
    [InlineData(13, 12, 12, 6, 2)]
    [InlineData(12, 29, 12, 2, 3)]
    [InlineData(17, 11, 12, 11, 6)]
    public void SeveralTilesHaveTheSizeOfTheWhole(int height, int width, int tile, int overlap, int tiles)
    {
        Tensor tiled = Decode(Latents(height, width), tile, overlap, out int count);
        Assert.Equal([1, 3, 8 * height, 8 * width], tiled.shape);
        Assert.Equal(tiles, count);
        Assert.True(tiled.isfinite().all().item<bool>());
    }

    [Fact]
    public void TilesAreCloseToTheWholeAndCloserWhereTheyOverlapMore()
    {
        Tensor latents = Latents(24, 24);
        Tensor whole = _decoder.Forward(latents);
        double Difference(int tile, int overlap) => ((Decode(latents, tile, overlap, out _) - whole).square().mean().sqrt() / whole.std()).item<float>();
        double little = Difference(16, 2), much = Difference(20, 14);
        Assert.InRange(much, 0, little);
        Assert.InRange(much, 1e-6, 0.2);
        Assert.InRange(little, 1e-6, 0.3);
    }

    [Fact]
    public void WherePicturesAreFlatNoSeamIsSeen()
    {
        // Weights of overlapping tiles add up to one everywhere, so equal tiles give their own values back.
        Tensor latents = zeros(1, 16, 40, 40);
        Tensor tiled = Decode(latents, 16, 4, out _), one = _decoder.Forward(zeros(1, 16, 16, 16));
        Assert.InRange(SmallFlux.Error(tiled.narrow(2, 0, 96).narrow(3, 0, 96), one.narrow(2, 0, 96).narrow(3, 0, 96)), 0, 1e-5);
    }

    [Fact]
    public void TheResultIsThereAtTheEndOnly()
    {
        using var decoding = new TiledDecoding(_decoder, Latents(12, 20), 12, 4);
        Assert.Equal(2, decoding.Count);
        Assert.Throws<InvalidOperationException>(() => decoding.Result);
        Assert.True(decoding.Step());
        Assert.Throws<InvalidOperationException>(() => decoding.Result);
        Assert.False(decoding.Step());
        Assert.Equal([1, 3, 96, 160], decoding.Result.shape);
    }

    [Theory]
    [InlineData(12, 12)]
    [InlineData(12, -1)]
    public void AnOverlapMustBeSmallerThanATile(int tile, int overlap) =>
        Assert.ThrowsAny<ArgumentOutOfRangeException>(() => new TiledDecoding(_decoder, Latents(4, 4), tile, overlap));

    private static Tensor Latents(int height, int width) => randn([1, 16, height, width], generator: new Generator(6));

    private Tensor Decode(Tensor latents, int tile, int overlap, out int count)
    {
        using var decoding = new TiledDecoding(_decoder, latents, tile, overlap);
        while (decoding.Step())
        {
        }

        count = decoding.Count;
        return decoding.Result;
    }
}
