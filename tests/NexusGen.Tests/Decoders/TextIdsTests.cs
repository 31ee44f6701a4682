using NexusGen.Decoders;
using NexusGen.Imaging;
using NexusGen.Tests.Diffusion;
using static TorchSharp.torch;

namespace NexusGen.Tests.Decoders;

public class TextIdsTests
{
    [Fact]
    public void PlacesAreScaledToTheLatents()
    {
        using var scope = NewDisposeScope();
        Tensor ids = TextIds.Grid(new GridThw(1, 18, 18), 2, 0, 64, 96, CPU);
        Assert.Equal((ScalarType.Float32, 3), (ids.dtype, ids.ndim));
        for (int i = 0; i < 9; i++)
        {
            for (int j = 0; j < 9; j++)
            {
                Assert.Equal([0, i * (float)(64 / 18.0), j * (float)(96 / 18.0)], ids[0, (9 * i) + j].data<float>().ToArray());
            }
        }
    }

    [Fact]
    public void GridsNeedNotBeSquareAndTheSourceHasItsOwnAxis()
    {
        using var scope = NewDisposeScope();
        Tensor ids = TextIds.Grid(new GridThw(1, 4, 8), 2, 1, 10, 12, CPU);
        Assert.Equal([1, 8, 3], ids.shape);
        float[] expected = [1, 0, 0, 1, 0, 1.5f, 1, 0, 3, 1, 0, 4.5f, 1, 2.5f, 0, 1, 2.5f, 1.5f, 1, 2.5f, 3, 1, 2.5f, 4.5f];
        Assert.Equal(expected, ids.data<float>().ToArray());
    }

    // However many patches make an embedding, the embeddings of an image span the 5×6 patches of the latents.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AnotherMergeSizePlacesAsManyEmbeddingsAlike(int merge)
    {
        using var scope = NewDisposeScope();
        Tensor ids = TextIds.Grid(new GridThw(1, 2 * merge, 4 * merge), merge, 1, 10, 12, CPU);
        Assert.True(TinyModel.Same(TextIds.Grid(new GridThw(1, 4, 8), 2, 1, 10, 12, CPU), ids));
    }

    [Fact]
    public void NoPlacesAreZeros()
    {
        using var scope = NewDisposeScope();
        Assert.True(TinyModel.Same(zeros(1, 5, 3), TextIds.Zeros(5, CPU)));
    }
}
