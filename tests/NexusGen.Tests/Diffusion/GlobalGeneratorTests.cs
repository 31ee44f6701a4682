using NexusGen.Diffusion.Sampling;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>Noise uses its own generators, not the global one.</summary>
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
