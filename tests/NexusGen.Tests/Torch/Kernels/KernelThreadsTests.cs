using NexusGen.Torch.Kernels;

namespace NexusGen.Tests.Torch.Kernels;

public class KernelThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void EachRowIsDoneOnce(int rows)
    {
        int[] done = new int[rows];
        KernelThreads.Run(rows, 1 << 20, (first, end) =>
        {
            for (long row = first; row < end; row++)
            {
                Interlocked.Increment(ref done[row]);
            }
        });
        Assert.All(done, count => Assert.Equal(1, count));
    }

    [Fact]
    public void TheThreadsAreLibtorchsOnLinux() => Assert.Equal(OperatingSystem.IsLinux(), KernelThreads.AreLibtorchs);
}
