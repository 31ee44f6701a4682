using NexusGen.Diffusion.Sampling;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>Noise has generators of its own.</summary>
[Collection(Alone.Name)]
public class GlobalGeneratorTests
{
    [Fact]
    public void DrawingNoiseLeavesTheGlobalGeneratorAlone()
    {
        manual_seed(5);
        float expected = rand(1).item<float>();
        manual_seed(5);
        Noise.Draw(1, [4], ScalarType.Float32);
        Assert.Equal(expected, rand(1).item<float>());
    }
}
