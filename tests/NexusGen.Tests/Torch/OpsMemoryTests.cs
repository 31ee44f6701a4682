using NexusGen.Torch.Operators;
using static TorchSharp.torch;

namespace NexusGen.Tests.Torch;

/// <summary>Calls through the dispatcher leave no tensor behind.</summary>
[Collection(Alone.Name)]
public sealed class OpsMemoryTests
{
    [Fact]
    public void CallsDoNotLeak()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(4, 8), weight = randn(8);
        long before = Tensor.TotalCount;
        for (int i = 0; i < 1000; i++)
        {
            using var call = NewDisposeScope();
            Ops.RmsNorm(x, weight, 1e-6).Dispose();
            Tensor heads = x.view(1, 1, 4, 8);
            Ops.Attention(heads, heads, heads, scale: 0.5).Dispose();
        }

        Assert.InRange(Tensor.TotalCount - before, 0, 20);
    }
}
