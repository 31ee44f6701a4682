using NexusGen.Training.Pretraining;
using static TorchSharp.torch;

namespace NexusGen.Tests.Training;

/// <summary>What an autoencoder of softened images learns.</summary>
public class SofteningTests
{
    [Fact]
    public void APointBecomesAGaussian()
    {
        using var scope = NewDisposeScope();
        Tensor picture = zeros(1, 3, 21, 25);
        picture[0, 1, 10, 12] = tensor(1f);
        Tensor soft = Softening.Apply(picture, 1.5);
        Assert.Equal(picture.shape, soft.shape);
        Assert.Equal(0, soft[0, 0].abs().sum().item<float>());
        Assert.Equal(1, soft.sum().item<float>(), 4);
        float middle = soft[0, 1, 10, 12].item<float>();
        Assert.Equal(middle * Math.Exp(-(4.0 + 1) / (2 * 1.5 * 1.5)), soft[0, 1, 12, 13].item<float>(), 6);
    }

    [Fact]
    public void EvenAreasStayAndNoDeviationIsNoFilter()
    {
        using var scope = NewDisposeScope();
        Tensor even = full([2, 3, 9, 9], 0.25);
        Assert.True(allclose(even, Softening.Apply(even, 2)));
        Assert.Same(even, Softening.Apply(even, 0));
    }
}
