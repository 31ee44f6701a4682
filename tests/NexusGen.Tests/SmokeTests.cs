using static TorchSharp.torch;

namespace NexusGen.Tests;

public class SmokeTests
{
    [Fact]
    public void TorchLoads() => Assert.Equal(4f, ones(2, 2).sum().item<float>());
}
